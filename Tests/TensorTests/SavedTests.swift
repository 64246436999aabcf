import CKernels
import KitCore
import KitTensor
import TestSupport
import Testing

/// The values that ops keep until backward, in bfloat16.
@Suite(.serialized, .alone("the instruction set")) struct SavedTests {
    @Test func roundsToTheNearestOnEveryInstructionSet() throws {
        var random = RandomStream(seed: 2)
        let special: [UInt32] = [
            0, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x7f80_0001, 0x7fff_ffff, 0xffc0_0000, 0x3f80_8000, 0x3f81_8000,
            0x3f80_8001, 0x3f80_7fff, 0x7f7f_ffff, 1, 0x7fff, 0x8000, 0x8001,
        ]
        let bits = special + (0..<3001).map { _ in UInt32(truncatingIfNeeded: random.next()) }
        let x = bits.map { Float(bitPattern: $0) }
        try InstructionSet.forEachAvailable { name in
            var narrow = [UInt16](repeating: 0, count: x.count)
            var wide = [Float](repeating: 0, count: x.count)
            dk_active.pointee.narrow_to_bfloat16(x, &narrow, x.count)
            dk_active.pointee.widen_bfloat16(narrow, &wide, x.count)
            for (value, rounded) in zip(x, wide) {
                #expect(rounded.bitPattern & 0xffff == 0)
                guard !value.isNaN else {
                    #expect(rounded.isNaN, "\(name)")
                    continue
                }
                // The neighbours that have 16 bits: none is nearer, and of two as near the even one is taken.
                let below = Float(bitPattern: value.bitPattern & 0xffff_0000)
                let above = Float(bitPattern: below.bitPattern &+ 0x10000)
                let rest = value.bitPattern & 0xffff
                let even = below.bitPattern >> 16 & 1 == 0 ? below : above
                let expected = rest < 0x8000 ? below : rest > 0x8000 ? above : even
                #expect(rounded.bitPattern == expected.bitPattern, "\(value) with \(name)")
            }
        }
    }

    @Test func roundingKeepsWhatAReLULetsThrough() throws {
        var random = RandomStream(seed: 4)
        let (rows, channels) = (203, 37)
        let factor = Tensor.uniform([channels], -2, 2, &random)
        // Values near the border, where rounding alone would turn many signs.
        let border = Tensor.uniform([channels], -3, 3, &random)
        let x = Tensor.uniform([rows, channels], -4e-3, 4e-3, &random)
        for i in 0..<x.count { x.pointer[i] = border.pointer[i % channels] * (1 + x.pointer[i]) }
        let offset = Tensor(uninitialized: [channels])
        for c in 0..<channels { offset.pointer[c] = -border.pointer[c] * factor.pointer[c] }
        try InstructionSet.forEachAvailable { name in
            var narrow = [UInt16](repeating: 0, count: x.count)
            dk_active.pointee.narrow_keeping_signs(
                x.pointer, factor.pointer, offset.pointer, channels, rows, &narrow)
            let rounded = Tensor(narrow.map { Float(bitPattern: UInt32($0) << 16) }, x.shape)
            func positive(_ values: Tensor) -> [Bool] {
                let result = Tensor(uninitialized: values.shape)
                dk_active.pointee.normalize(
                    values.pointer, nil, factor.pointer, offset.pointer, Activation.relu.rawValue, channels, rows,
                    result.pointer)
                return result.values.map { $0 > 0 }
            }
            #expect(positive(rounded) == positive(x), "\(name)")
            #expect(zip(rounded.values, x.values).allSatisfy { abs($0 - $1) <= abs($1) / 128 }, "\(name)")
            #expect(positive(x).contains(true) && positive(x).contains(false))
        }
    }

    private func gradients(_ input: Tensor, _ weights: [Tensor], narrow: Bool) throws -> (loss: Float, [Tensor]) {
        weights.forEach { $0.grad = nil }
        func network() throws -> Tensor {
            var x = input
            for weight in weights {
                let channels = weight.shape[0]
                let wide = try x.conv2d(weight: weight, padding: [1, 1])
                x = try wide.batchNorm(
                    scale: .ones([channels]), shift: .zeros([channels]), runningMean: .zeros([channels]),
                    runningVariance: .ones([channels]), isTraining: true, activation: .swish)
            }
            return try x.gelu().globalMean().squared().sum()
        }
        let loss = try narrow ? Autograd.savingInBFloat16(network) : network()
        try loss.backward()
        return (try loss.item(), try weights.map { try #require($0.grad) })
    }

    private func weights() -> [Tensor] {
        var random = RandomStream(seed: 8)
        return [[16, 3, 3, 4], [16, 3, 3, 16], [16, 3, 3, 16]].map {
            let weight = Tensor.normal(Shape($0), mean: 0, deviation: 0.2, &random)
            weight.requiresGrad = true
            return weight
        }
    }

    @Test func resultsKeepTheirBitsAndGradientsNearlyTheirValues() throws {
        let (input, weights) = (Pattern.tensor("saved", [4, 12, 12, 4]), weights())
        let wide = try gradients(input, weights, narrow: false)
        let narrow = try gradients(input, weights, narrow: true)
        #expect(wide.loss == narrow.loss)
        for (mine, theirs) in zip(narrow.1, wide.1) {
            let error = zip(mine.values, theirs.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            let norm = theirs.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(error > 0 && error < 0.02 * norm, "\(error / norm)")
        }
        // Nothing of it is left on for what follows.
        let after = try gradients(input, weights, narrow: false)
        #expect(zip(after.1, wide.1).allSatisfy { $0.values == $1.values })
    }

    @Test func activationsTakeHalfTheMemory() throws {
        func kept(narrow: Bool) throws -> Int {
            let (input, weights) = (Pattern.tensor("saved", [8, 48, 48, 4]), weights())
            let before = BufferPool.shared.bytesInUse
            func forward() throws -> Tensor {
                try weights.reduce(input) { x, weight in
                    try x.conv2d(weight: weight, padding: [1, 1]).relu()
                }.sum()
            }
            let loss = try narrow ? Autograd.savingInBFloat16(forward) : forward()
            let kept = BufferPool.shared.bytesInUse - before
            try loss.backward()
            return kept
        }
        let (wide, narrow) = (try kept(narrow: false), try kept(narrow: true))
        #expect(Double(narrow) < 0.52 * Double(wide), "\(narrow) of \(wide) bytes")
    }

    @Test func sameBitsOnOneAndTwoThreads() throws {
        let (input, weights) = (Pattern.tensor("saved", [4, 40, 40, 4]), weights())
        try expectSameBits("saved in bfloat16") { try gradients(input, weights, narrow: true).1 }
    }
}
