import CKernels
import KitCore
import KitTensor
import TestSupport
import Testing

/// Values that stay bfloat16 between ops: each op computes what it computes from the same values in float32, and rounds it.
@Suite(.serialized, .alone("the instruction set")) struct NarrowValuesTests {
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
                // Some sets make zeros of them.
                if value.isSubnormal, rounded == 0 { continue }
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

    private static let channels = [5, 37, 64]

    private typealias Op = (_ x: Tensor, _ others: [Tensor]) throws -> Tensor

    /// Runs `op` on bfloat16 values of a shape and on the same values as float32, and compares results and gradients.
    ///
    /// - Parameters:
    ///   - others: float32 operands with gradients; those of `narrow` have bfloat16 values, too.
    ///   - staysNarrow: whether the result is bfloat16, too.
    ///   - gradientTolerance: the relative difference of gradients that is allowed.
    private func check(
        _ name: String, _ shape: Shape, others: [Tensor] = [], narrow: Int = 0, staysNarrow: Bool = true,
        gradientTolerance: Double = 0, _ op: Op
    ) throws {
        func results(_ isNarrow: Bool) throws -> [Tensor] {
            func operand(_ values: Tensor, _ isRounded: Bool) -> Tensor {
                let rounded = isRounded ? roundedToBFloat16(values) : values.copied()
                let tensor = isRounded && isNarrow ? rounded.narrowed() : rounded
                tensor.requiresGrad = true
                return tensor
            }
            let x = operand(Pattern.tensor("x", shape), true)
            let others = others.enumerated().map { operand($1, $0 < narrow) }
            let y = try op(x, others)
            #expect(y.isNarrow == (isNarrow && staysNarrow), "\(name): type of the result")
            try y.backward(from: roundedToBFloat16(Pattern.tensor("upstream", y.shape)))
            return [y, try #require(x.grad)] + (try others.map { try #require($0.grad) })
        }
        let (given, plain) = (try results(true), try results(false))
        for (index, (given, plain)) in zip(given, plain).enumerated() {
            let isRounded = index == 0 ? staysNarrow : index < 2 + narrow
            let expected = isRounded ? roundedToBFloat16(plain) : plain
            if index > 0, gradientTolerance > 0 {
                #expect(relativeError(given, expected) < gradientTolerance, "\(name), gradient \(index)")
                continue
            }
            // A comparison inside of `#expect` would list the differences of long lists, for minutes.
            let areEqual = given.values.map(\.bitPattern) == expected.values.map(\.bitPattern)
            #expect(
                areEqual,
                "\(name), \(index == 0 ? "result" : "gradient \(index)"): differs by \(relativeError(given, expected))")
        }
    }

    @Test(arguments: channels) func batchNormRoundsItsResults(_ channels: Int) throws {
        let vectors = [Pattern.tensor("scale", [channels], 0.5, 2), Pattern.tensor("shift", [channels])]
        try InstructionSet.forEachAvailable { set in
            for isTraining in [true, false] {
                for activation in [Activation.none, .relu, .swish] {
                    func norm(_ x: Tensor, _ vectors: [Tensor], _ residual: Tensor? = nil) throws -> Tensor {
                        try x.batchNorm(
                            scale: vectors[0], shift: vectors[1], runningMean: Pattern.tensor("mean", [channels]),
                            runningVariance: Pattern.tensor("variance", [channels], 0.5, 2), isTraining: isTraining,
                            activation: activation, residual: residual)
                    }
                    let name = "\(set), \(activation), \(isTraining ? "training" : "evaluation")"
                    try check(name, [3, 11, 13, channels], others: vectors) { try norm($0, $1) }
                    guard activation != .swish else { continue }
                    let residual = Pattern.tensor("residual", [3, 11, 13, channels])
                    try check("\(name), residual", [3, 11, 13, channels], others: [residual] + vectors, narrow: 1) {
                        try norm($0, Array($1.dropFirst()), $1[0])
                    }
                }
            }
        }
    }

    @Test(arguments: channels) func gatesAndMeansRoundTheirResults(_ channels: Int) throws {
        try InstructionSet.forEachAvailable { set in
            let gate = Pattern.tensor("gate", [3, channels], 0.1, 1)
            try check("\(set), gate", [3, 5, 7, channels], others: [gate]) { try $0.gatedSwish($1[0]) }
            try check("\(set), mean", [3, 5, 7, channels], staysNarrow: false) { x, _ in try x.globalMean() }
        }
    }

    @Test func activationsRoundTheirResults() throws {
        // The slopes of the sigmoid and of tanh are computed from the rounded result.
        let ops: [(String, Double, (Tensor) -> Tensor)] = [
            ("relu", 0, { $0.relu() }), ("sigmoid", 0.004, { $0.sigmoid() }), ("tanh", 0.004, { $0.tanh() }),
            ("swish", 0, { $0.swish() }), ("gelu", 0, { $0.gelu() }),
        ]
        // More than one chunk, and an odd rest.
        for (name, tolerance, op) in ops {
            try check(name, [3, 1429], gradientTolerance: tolerance) { x, _ in op(x) }
        }
    }

    /// Strides, borders and kernels for which there is special code, and one for which there is none.
    @Test(arguments: channels) func depthwiseConvolutionsRoundTheirResults(_ channels: Int) throws {
        let windows: [(kernel: [Int], stride: [Int], padding: [Int])] = [
            ([3, 3, 3], [1, 1, 1], [1, 1, 1]), ([3, 3, 3], [1, 2, 2], [1, 1, 1]), ([5, 1, 1], [1, 1, 1], [2, 0, 0]),
            ([2, 3, 4], [2, 1, 2], [0, 1, 1]),
        ]
        try InstructionSet.forEachAvailable { set in
            for (kernel, stride, padding) in windows {
                let weight = Pattern.tensor("w", Shape([channels] + kernel + [1]))
                try check("\(set), \(kernel)", [2, 5, 9, 11, channels], others: [weight]) { x, others in
                    try (x.isNarrow ? ProductPrecision.bfloat16 : .float32).used {
                        try x.conv3d(weight: others[0], stride: stride, padding: padding, groups: channels)
                    }
                }
            }
        }
    }

    /// Few rows, sums over several parts of the inner axis, and rows and columns past whole blocks of the kernels.
    @Test(arguments: [([3, 40], 24), ([5, 1100], 40), ([2, 97, 96], 130), ([70, 1100], 24), ([20, 4200], 24)])
    func linearLayersRoundTheirResults(_ shape: [Int], _ outputs: Int) throws {
        let others = [Pattern.tensor("w", [outputs, shape.last!]), Pattern.tensor("b", [outputs])]
        try InstructionSet.forEachAvailable { set in
            for isLast in [true, false] {
                // The activation makes the gradient bfloat16, too, and changes no bits of it.
                try check("\(set), \(shape)", Shape(shape), others: others, staysNarrow: !isLast) { x, others in
                    try ProductPrecision.bfloat16.used {
                        try x.linear(others[0], others[1], feedsProducts: !isLast && x.isNarrow).relu()
                    }
                }
            }
        }
    }

    /// Rows that are longer than what is converted at a time, and a type that changes from input to result.
    @Test(arguments: [[2, 9, 4, 24], [40, 37], [3, 2500]]) func layerNormsRoundTheirResults(_ shape: [Int]) throws {
        let others = [Pattern.tensor("w", [shape.last!]), Pattern.tensor("b", [shape.last!])]
        try InstructionSet.forEachAvailable { set in
            for staysNarrow in [true, false] {
                try check("\(set), \(shape)", Shape(shape), others: others, staysNarrow: staysNarrow) { x, others in
                    try ProductPrecision.bfloat16.used {
                        try x.layerNorm(others[0], others[1], feedsProducts: staysNarrow && x.isNarrow).relu()
                    }
                }
            }
        }
        let x = Pattern.tensor("x", Shape(shape))
        let rounded = try ProductPrecision.bfloat16.used { try x.layerNorm(feedsProducts: true) }
        #expect(rounded.isNarrow)
        #expect(try rounded.values == roundedToBFloat16(x.layerNorm()).values)
    }

    @Test func attentionRoundsItsResults() throws {
        // Several blocks of keys, and parts of the queries; and fewer than a block of the kernels.
        for (queries, keys, heads, width) in [(600, 1100, 2, 24), (7, 5, 3, 8)] {
            let others = ["k", "v"].map { Pattern.tensor($0, [2, keys, heads * width]) }
            try InstructionSet.forEachAvailable { set in
                for added in [Tensor.AddedQueries.none, .all, .allButFirst] {
                    // The slopes of the weights are computed from the rounded result.
                    try check(
                        "\(set), \(added)", [2, queries, heads * width], others: others, narrow: 2,
                        gradientTolerance: 0.01
                    ) { x, others in
                        try ProductPrecision.bfloat16.used {
                            try x.attention(others[0], others[1], heads: heads, adding: added).relu()
                        }
                    }
                }
            }
        }
    }

    @Test func pooledTokensAndPositionsRoundTheirResults() throws {
        let weight = Pattern.tensor("w", [24, 1, 3, 3, 1])
        let tables = [Pattern.tensor("h", [11, 24]), Pattern.tensor("w", [13, 24])]
        try InstructionSet.forEachAvailable { set in
            try check("\(set), pool", [2, 1 + 6 * 7, 48], others: [weight]) { x, others in
                try x.pooledTokens(others[0], grid: [1, 6, 7], stride: [1, 2, 2], leading: 1).relu()
            }
            try check("\(set), positions", [2, 1 + 6 * 7, 48], others: tables, staysNarrow: false) { x, tables in
                try ProductPrecision.bfloat16.used {
                    try x.relativePositions(tables, grid: [6, 7], keyGrid: [3, 4], heads: 2, leading: 1).values
                }
            }
        }
    }

    /// Ops that compute the values of a map while they read them get what they would read from memory.
    @Test(arguments: channels) func mapsGiveTheSameBitsWhenTheyAreReadOnTheWay(_ channels: Int) throws {
        let x = Pattern.tensor("x", [2, 4, 9, 11, channels]).narrowed()
        let vectors = [Pattern.tensor("scale", [channels], 0.5, 2), Pattern.tensor("shift", [channels])]
        let depthwise = Pattern.tensor("d", [channels, 3, 3, 3, 1])
        try InstructionSet.forEachAvailable { set in
            for outs in [24, 900] {
                let dense = Pattern.tensor("w", [outs, 1, 1, 1, channels])
                func results(isComputed: Bool) throws -> [Tensor] {
                    try ProductPrecision.bfloat16.used {
                        let y = try x.batchNorm(
                            scale: vectors[0], shift: vectors[1], runningMean: .zeros([channels]),
                            runningVariance: .ones([channels]), isTraining: true, activation: .swish)
                        if isComputed { _ = y.detached() }
                        return [
                            try y.conv3d(weight: depthwise, padding: [1, 1, 1], groups: channels),
                            try y.conv3d(weight: dense),
                        ]
                    }
                }
                let (onTheWay, fromMemory) = (try results(isComputed: false), try results(isComputed: true))
                for (a, b) in zip(onTheWay, fromMemory) {
                    #expect(a.isNarrow && a.values == b.values, "\(set), \(outs) outputs")
                }
            }
        }
    }

    @Test func viewsKeepTheType() throws {
        try check("reshape", [4, 6, 10]) { x, _ in try x.reshaped([24, 10]).relu() }
    }

    /// Gradients of several uses are added, and then rounded.
    @Test func gradientsOfSeveralUsesAreAdded() throws {
        let channels = 24
        func gradient(narrow: Bool) throws -> Tensor {
            let x = Pattern.tensor("x", [2, 3, 8, 8, channels])
            x.requiresGrad = true
            let weights = (0..<2).map { Pattern.tensor("w\($0)", [channels, 1, 1, 1, channels]) }
            try (narrow ? ProductPrecision.bfloat16 : .float32).used {
                let stem = try x.conv3d(weight: weights[0])
                let sum = try stem.conv3d(weight: weights[1]).batchNorm(
                    scale: .ones([channels]), shift: .zeros([channels]), runningMean: .zeros([channels]),
                    runningVariance: .ones([channels]), isTraining: true, activation: .relu, residual: stem)
                #expect(sum.isNarrow == narrow)
                try sum.squared().sum().backward()
            }
            return try #require(x.grad)
        }
        let error = relativeError(try gradient(narrow: true), try gradient(narrow: false))
        #expect(error > 1e-5 && error < 0.02, "\(error)")
    }

    @Test func activationsTakeHalfTheMemory() throws {
        func kept(_ precision: ProductPrecision) throws -> Int {
            let (input, weights) = (Pattern.tensor("kept", [8, 48, 48, 4]), weights())
            let before = BufferPool.shared.bytesInUse
            let loss = try precision.used {
                try weights.reduce(input) { x, weight in try x.conv2d(weight: weight, padding: [1, 1]).relu() }.sum()
            }
            let kept = BufferPool.shared.bytesInUse - before
            try loss.backward()
            return kept
        }
        let (wide, narrow) = (try kept(.float32), try kept(.bfloat16))
        #expect(Double(narrow) < 0.52 * Double(wide), "\(narrow) of \(wide) bytes")
    }

    @Test func sameBitsOnOneAndTwoThreads() throws {
        let (input, weights) = (Pattern.tensor("bits", [4, 40, 40, 4]), weights())
        try expectSameBits("bfloat16") {
            weights.forEach { $0.grad = nil }
            let loss = try ProductPrecision.bfloat16.used {
                try weights.reduce(input) { x, weight in
                    let channels = weight.shape[0]
                    return try x.conv2d(weight: weight, padding: [1, 1]).batchNorm(
                        scale: .ones([channels]), shift: .zeros([channels]), runningMean: .zeros([channels]),
                        runningVariance: .ones([channels]), isTraining: true, activation: .swish)
                }.gelu().globalMean().squared().sum()
            }
            try loss.backward()
            return [loss.detached()] + (try weights.map { try #require($0.grad) })
        }
    }

    private func weights() -> [Tensor] {
        var random = RandomStream(seed: 8)
        return [[16, 3, 3, 4], [16, 3, 3, 16], [16, 3, 3, 16]].map {
            let weight = Tensor.normal(Shape($0), mean: 0, deviation: 0.2, &random)
            weight.requiresGrad = true
            return weight
        }
    }
}
