import Kit
import TestSupport
import Testing

/// Gradients of every way to compute a convolution, and of the ops next to them in encoders, against finite
/// differences.
@Suite(.serialized, .alone("the number of threads")) struct ConvolutionGradientTests {
    struct Form: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let input: [Int]
        let weight: [Int]
        var stride = [1, 1, 1]
        var padding = [0, 0, 0]
        var groups = 1
        var hasBias = false
    }

    static let forms = [
        Form(testDescription: "pointwise", input: [2, 2, 3, 3, 5], weight: [4, 1, 1, 1, 5]),
        Form(
            testDescription: "pointwise, strided", input: [1, 3, 5, 6, 5], weight: [4, 1, 1, 1, 5], stride: [1, 2, 2]),
        Form(
            testDescription: "dense", input: [1, 3, 5, 6, 3], weight: [4, 3, 3, 3, 3], padding: [1, 1, 1], hasBias: true
        ),
        Form(
            testDescription: "dense, strided", input: [2, 4, 7, 6, 3], weight: [5, 3, 3, 3, 3], stride: [2, 2, 3],
            padding: [1, 1, 1]),
        Form(
            testDescription: "dense, even kernel", input: [1, 2, 6, 7, 3], weight: [4, 2, 4, 2, 3], stride: [1, 3, 1]),
        Form(
            testDescription: "groups", input: [1, 2, 5, 5, 6], weight: [4, 1, 3, 3, 3], padding: [0, 1, 1], groups: 2),
        Form(
            testDescription: "depthwise 3x3x3", input: [1, 4, 5, 6, 7], weight: [7, 3, 3, 3, 1], padding: [1, 1, 1],
            groups: 7),
        Form(
            testDescription: "depthwise, strided", input: [2, 3, 7, 7, 5], weight: [5, 3, 3, 3, 1], stride: [1, 2, 2],
            padding: [1, 1, 1], groups: 5),
        Form(
            testDescription: "depthwise 5x1x1", input: [1, 7, 2, 3, 6], weight: [6, 5, 1, 1, 1], padding: [2, 0, 0],
            groups: 6, hasBias: true),
        Form(
            testDescription: "Winograd 3x3", input: [1, 2, 5, 7, 32], weight: [33, 1, 3, 3, 32], padding: [0, 1, 1]),
        Form(
            testDescription: "Winograd 3x3 without padding", input: [2, 1, 6, 5, 33], weight: [32, 1, 3, 3, 33]),
        Form(
            testDescription: "Winograd 3x1x1", input: [1, 5, 2, 3, 64], weight: [65, 3, 1, 1, 64], padding: [1, 0, 0]),
        Form(
            testDescription: "Winograd 1x3x1", input: [1, 2, 5, 3, 64], weight: [64, 1, 3, 1, 64], padding: [0, 1, 0]),
        Form(
            testDescription: "3x3, strided, many channels", input: [1, 1, 7, 8, 33], weight: [32, 1, 3, 3, 33],
            stride: [1, 2, 2], padding: [0, 1, 1]),
    ]

    @Test(arguments: forms) func convolution(_ form: Form) throws {
        let x = Pattern.tensor("\(form.testDescription)/x", Shape(form.input))
        let w = Pattern.tensor("\(form.testDescription)/w", Shape(form.weight))
        var inputs = [("x", x), ("weight", w)]
        if form.hasBias { inputs.append(("bias", Pattern.tensor("bias", [form.weight[0]]))) }
        try check(form.testDescription, inputs) {
            try $0[0].conv3d(
                weight: $0[1], bias: form.hasBias ? $0[2] : nil, stride: form.stride, padding: form.padding,
                groups: form.groups)
        }
    }

    @Test(arguments: [Activation.none, .swish]) func batchNorm(activation: Activation) throws {
        let x = Pattern.tensor("x", [2, 3, 3, 4, 5])
        let (scale, shift) = (Pattern.tensor("scale", [5], 0.5, 1.5), Pattern.tensor("shift", [5]))
        for isTraining in [true, false] {
            let (mean, variance) = (Pattern.tensor("mean", [5]), Pattern.tensor("variance", [5], 0.5, 2))
            try check("batch norm, training \(isTraining)", [("x", x), ("scale", scale), ("shift", shift)]) {
                try $0[0].batchNorm(
                    scale: $0[1], shift: $0[2], runningMean: mean.copied(), runningVariance: variance.copied(),
                    isTraining: isTraining, activation: activation)
            }
        }
        let residual = Pattern.tensor("residual", x.shape)
        try check("batch norm with a residual", [("x", x), ("residual", residual)]) {
            try $0[0].batchNorm(
                scale: scale, shift: shift, runningMean: .zeros([5]), runningVariance: .ones([5]), isTraining: true,
                residual: $0[1])
        }
    }

    @Test func pools() throws {
        let x = Pattern.tensor("x", [2, 4, 5, 6, 3])
        try check("average", [("x", x)]) {
            try $0[0].avgPool3d(kernel: [2, 3, 2], stride: [1, 2, 2], padding: [0, 1, 0])
        }
        try check("global mean", [("x", x)]) { try $0[0].globalMean() }
        // Between -1 and 1, and farther apart than twice the step, so that no difference changes which is the largest.
        let shape: Shape = [1, 3, 5, 6, 2]
        let shuffled = RandomOrder.values(shape.count).map { Float($0) * 2 / Float(shape.count) - 1 }
        try check("maximum", step: 1.0 / 512, [("x", Tensor(shuffled, shape))]) {
            try $0[0].maxPool3d(kernel: [2, 3, 3], stride: [1, 2, 2], padding: [1, 1, 1])
        }
    }

    @Test func gatedSwish() throws {
        let (x, gate) = (Pattern.tensor("x", [2, 3, 2, 2, 5]), Pattern.tensor("gate", [2, 1, 1, 1, 5]))
        try check("gated swish", [("x", x), ("gate", gate)]) { try $0[0].gatedSwish($0[1]) }
    }

    @Test func oneAndTwoThreadsGiveTheSameBits() throws {
        let x = Pattern.tensor("x", [3, 5, 43, 41, 54])
        let gate = Pattern.tensor("gate", [3, 1, 1, 1, 54])
        let ops: [(String, ([Tensor]) throws -> Tensor)] = [
            ("average", { try $0[0].avgPool3d(kernel: [2, 3, 2], stride: [1, 2, 2], padding: [0, 1, 0]) }),
            ("maximum", { try $0[0].maxPool3d(kernel: [1, 3, 3], stride: [1, 2, 2], padding: [0, 1, 1]) }),
            ("global mean", { try $0[0].globalMean() }), ("gated swish", { try $0[0].gatedSwish($0[1]) }),
        ]
        for (name, op) in ops {
            try expectSameBits(name) {
                let inputs = [x.copied(), gate.copied()]
                for tensor in inputs { tensor.requiresGrad = true }
                let result = try op(inputs)
                try result.backward(from: Pattern.tensor("seed", result.shape))
                return [result] + inputs.compactMap(\.grad)
            }
        }
    }

    private func check(
        _ name: String, step: Float? = nil, _ inputs: [(name: String, tensor: Tensor)],
        _ body: ([Tensor]) throws -> Tensor
    ) throws {
        var check = GradientCheck()
        if let step { check.step = step }
        check.limit = 60
        try check.run(name, inputs, body)
    }

    private enum RandomOrder {
        static func values(_ count: Int) -> [Int] {
            var random = RandomStream(seed: 8)
            return random.permutation(count)
        }
    }
}
