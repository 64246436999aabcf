import KitCore
import KitTensor
import TestSupport
import Testing

/// Values that are computed when they are needed are those that an op gets which computes them on the way.
@Suite(.serialized, .alone("the instruction set")) struct ChannelMapTests {
    private struct Form {
        let kernel: [Int]
        var stride = [1, 1, 1]
        var groups = 1
        var out = 10
    }

    /// Pointwise, strided, dense, grouped and depthwise convolutions of 20 channels.
    private static let forms = [
        Form(kernel: [1, 1, 1]), Form(kernel: [1, 1, 1], stride: [1, 2, 2]), Form(kernel: [1, 3, 3]),
        Form(kernel: [1, 1, 1], groups: 5), Form(kernel: [1, 1, 1], out: 600),
        Form(kernel: [3, 3, 3], groups: 20, out: 20),
        Form(kernel: [3, 3, 3], stride: [1, 2, 2], groups: 20, out: 20), Form(kernel: [5, 1, 1], groups: 20, out: 20),
    ]

    /// The result and all gradients, of the values as they come or (`isComputed`) in memory before anybody reads them.
    private func run(_ form: Form, isComputed: Bool, _ map: (Tensor, Tensor) throws -> Tensor) throws -> [[Float]] {
        var random = RandomStream(seed: 7)
        let data = Tensor.uniform([2, 4, 7, 9, 20], -1, 1, &random)
        let vector = Tensor.uniform([20], 0.5, 1.5, &random)
        let weight = Tensor.uniform(
            Shape([form.out] + form.kernel + [20 / form.groups]), -1, 1, &random)
        for tensor in [data, vector, weight] { tensor.requiresGrad = true }
        let mapped = try map(data * Tensor(1), vector)
        if isComputed { _ = mapped.storage }
        let result = try mapped.conv3d(
            weight: weight, stride: form.stride, padding: form.kernel.map { $0 / 2 }, groups: form.groups)
        try result.backward(from: Tensor.uniform(result.shape, -1, 1, &random))
        return [result.values] + [data, vector, weight].map { $0.grad!.values }
    }

    private func normalized(_ x: Tensor, _ scale: Tensor, _ activation: Activation) throws -> Tensor {
        try x.batchNorm(
            scale: scale, shift: Tensor(repeating: 0.3, [20]), runningMean: .zeros([20]), runningVariance: .ones([20]),
            isTraining: true, activation: activation)
    }

    @Test func convolutionsReadNormalisedValuesOnTheWay() throws {
        try InstructionSet.forEachAvailable { set in
            for (index, form) in Self.forms.enumerated() {
                for activation in [Activation.none, .relu, .swish] {
                    let results = try [false, true].map { isComputed in
                        try run(form, isComputed: isComputed) { try normalized($0, $1, activation) }
                    }
                    #expect(results[0] == results[1], "\(set), form \(index), \(activation)")
                }
            }
        }
    }

    @Test func convolutionsReadGatedValuesOnTheWay() throws {
        for (index, form) in Self.forms.enumerated() {
            let results = try [false, true].map { isComputed in
                try run(form, isComputed: isComputed) { x, scale in
                    let z = try normalized(x, scale, .none)
                    return try z.gatedSwish(z.globalMean().sigmoid())
                }
            }
            #expect(results[0] == results[1], "form \(index)")
        }
    }

    /// The gate and the mean of a normalisation that was never in memory are nearly those of one that was.
    @Test func gatingAndMeansFollowFromTheMap() throws {
        let results = try [false, true].map { isComputed in
            try run(Self.forms[0], isComputed: false) { x, scale in
                let z = try normalized(x, scale, .none)
                if isComputed { _ = z.storage }
                return try z.gatedSwish(z.globalMean().sigmoid())
            }
        }
        for (ours, expected) in zip(results[0], results[1]) {
            #expect(relativeDifference(ours, expected) < 1e-5)
        }
    }

    @Test func aChangedParameterDoesNotChangeWhatWasMadeOfIt() throws {
        var random = RandomStream(seed: 3)
        let parameter = Tensor.uniform([6, 20], -1, 1, &random)
        parameter.requiresGrad = true
        let normal = try normalized(parameter, .ones([20]), .relu)
        let expected = try normalized(parameter.copied(), .ones([20]), .relu).values
        parameter.pointer.update(repeating: 9, count: parameter.count)
        #expect(normal.values == expected)
    }

    private func relativeDifference(_ a: [Float], _ b: [Float]) -> Float {
        let difference = zip(a, b).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / b.reduce(Float(0)) { $0 + $1 * $1 }).squareRoot()
    }
}
