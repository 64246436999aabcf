import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct EveryOpTests {
    @Test func gradientsAreFiniteDifferences() throws {
        for op in Op.all { try GradientCheck().run(op.name, op.inputs(3), op.body) }
    }

    @Test func sameBitsOnOneAndTwoThreads() throws {
        for op in Op.all {
            try expectSameBits(op.name) {
                let inputs = op.inputs(20_001).map(\.tensor)
                inputs.forEach { $0.requiresGrad = true }
                let result = try op.body(inputs)
                try result.backward(from: Pattern.tensor("seed", result.shape))
                return [result] + inputs.map { $0.grad! }
            }
        }
    }

    @Test func graphsAreFreedWithAndWithoutBackward() throws {
        for op in Op.all {
            let inputs = op.inputs(5).map(\.tensor)
            inputs.forEach { $0.requiresGrad = true }
            let before = BufferPool.shared.bytesInUse
            for runsBackward in [false, true] {
                try {
                    let result = try op.body(inputs)
                    if runsBackward { try result.backward(from: Tensor.ones(result.shape)) }
                    inputs.forEach { $0.grad = nil }
                }()
                #expect(BufferPool.shared.bytesInUse == before, "\(op.name) keeps memory, backward: \(runsBackward)")
            }
        }
    }

    @Test func inputsAndSeedAreLeftAsTheyWere() throws {
        for op in Op.all {
            let inputs = op.inputs(3).map(\.tensor)
            inputs.forEach { $0.requiresGrad = true }
            let before = inputs.map(\.values)
            let result = try op.body(inputs)
            let (output, seed) = (result.values, Tensor.ones(result.shape))
            try result.backward(from: seed)
            #expect(inputs.map(\.values) == before, "\(op.name) changed an input")
            #expect(result.values == output, "\(op.name): backward changed the result")
            #expect(seed.values == [Float](repeating: 1, count: seed.count), "\(op.name): backward changed its seed")
        }
    }

    @Test func nothingIsRecordedWithoutGradients() throws {
        for op in Op.all {
            let inputs = op.inputs(3).map(\.tensor)
            #expect(!(try op.body(inputs)).needsGrad, "\(op.name)")
            inputs.forEach { $0.requiresGrad = true }
            #expect(!(try Autograd.noGrad { try op.body(inputs) }.needsGrad), "\(op.name)")
        }
    }
}
