import KitCore
import KitTensor
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set")) struct BatchNormTests {
    private static let activations: [String: Activation] = ["none": .none, "relu": .relu, "swish": .swish]

    @Test func agreesWithPyTorchUnderEveryInstructionSet() throws {
        try InstructionSet.forEachAvailable { _ in
            try Oracle("convolution").check("batch_norm") { oracle in
                let isTraining = try oracle.bool("training")
                let (mean, variance) = (oracle["mean"].copied(), oracle["variance"].copied())
                let y = try oracle["x"].batchNorm(
                    scale: oracle["scale"], shift: oracle["shift"], runningMean: mean, runningVariance: variance,
                    isTraining: isTraining, activation: #require(Self.activations[oracle.string("activation")]),
                    residual: oracle.inputs["residual"])
                if isTraining {
                    oracle.expect(mean, "running_mean")
                    oracle.expect(variance, "running_variance")
                }
                return y
            }
        }
    }

    @Test func aMeanFarFromZeroCostsNoPrecision() throws {
        // Values around 1000 with a deviation of 1: sums of squares alone would lose the variance.
        var random = RandomStream(seed: 2)
        let x = Tensor.uniform([4000, 3], 1000 - 3.0.squareRoot().asFloat, 1000 + 3.0.squareRoot().asFloat, &random)
        let y = try normalized(x)
        let values = y.values.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 1e-4)
        #expect(abs(variance - 1) < 1e-4)
    }

    @Test func aConvolutionAfterItRecomputesItsInput() throws {
        // The same gradients as from a copy, which has no way to be computed again.
        let gradients = try [false, true].map { copies -> [[Float]] in
            var random = RandomStream(seed: 4)
            let x = Tensor.uniform([2, 9, 8, 20], -1, 1, &random)
            let w = Tensor.uniform([10, 3, 3, 20], -1, 1, &random)
            (x.requiresGrad, w.requiresGrad) = (true, true)
            var z = try normalized(x, activation: .swish)
            if copies {
                let copy = z.copied()
                z = copy.recorded("copy", [z]) { [$0] }
            }
            let y = try z.conv2d(weight: w, padding: [1, 1])
            try y.backward(from: Tensor.uniform(y.shape, -1, 1, &random))
            return [x.grad!.values, w.grad!.values]
        }
        #expect(gradients[0] == gradients[1])
    }

    @Test func threadsDoNotChangeABit() throws {
        let threads = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = threads }
        for activation in [Activation.none, .relu, .swish] {
            let runs = try [1, 2, threads].map { count -> [[Float]] in
                ThreadPool.shared.threadCount = count
                var random = RandomStream(seed: 5)
                let x = Tensor.uniform([2, 50, 43, 54], -1, 1, &random)
                let residual = Tensor.uniform(x.shape, -1, 1, &random)
                (x.requiresGrad, residual.requiresGrad) = (true, true)
                let y = try normalized(x, activation: activation, residual: activation == .swish ? nil : residual)
                try y.backward(from: Tensor.uniform(y.shape, -1, 1, &random))
                return [y.values, x.grad!.values, residual.grad?.values ?? []]
            }
            #expect(runs[0] == runs[1] && runs[0] == runs[2], "\(activation)")
        }
    }

    @Test func oneValueForAChannelIsAnErrorInTrainingOnly() throws {
        #expect(throws: KitError.self) { try normalized(.ones([1, 5])) }
        _ = try normalized(.ones([1, 5]), isTraining: false)
        #expect(throws: KitError.self) { try normalized(.ones([2, 5]), residual: .ones([5, 2])) }
        #expect(throws: KitError.self) {
            try Tensor.ones([4, 5]).batchNorm(
                scale: .ones([4]), shift: .zeros([5]), runningMean: .zeros([5]), runningVariance: .ones([5]),
                isTraining: true)
        }
    }

    private func normalized(
        _ x: Tensor, isTraining: Bool = true, activation: Activation = .none, residual: Tensor? = nil
    ) throws -> Tensor {
        let c = x.shape[-1]
        return try x.batchNorm(
            scale: .ones([c]), shift: .zeros([c]), runningMean: .zeros([c]), runningVariance: .ones([c]),
            isTraining: isTraining, activation: activation, residual: residual)
    }
}

extension Double {
    fileprivate var asFloat: Float { Float(self) }
}
