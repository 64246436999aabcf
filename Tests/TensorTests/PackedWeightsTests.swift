import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set, and counts the memory of tensors")) struct PackedWeightsTests {
    /// Pointwise, in two groups, by minimal filtering, and the same over so few positions that only a kept weight repays it.
    private let cases: [(input: Shape, weight: Shape, groups: Int)] = [
        ([2, 3, 9, 11, 20], [33, 1, 1, 1, 20], 1),
        ([1, 2, 12, 10, 24], [20, 1, 3, 3, 12], 2),
        ([1, 1, 24, 31, 40], [51, 1, 3, 3, 40], 1),
        ([1, 1, 6, 18, 64], [70, 1, 3, 3, 64], 1),
        ([1, 1, 10, 17, 64], [66, 1, 3, 3, 64], 1),
    ]

    @Test func keptWeightsGiveTheSameOutputsCallAfterCall() throws {
        try InstructionSet.forEachAvailable { _ in
            var random = RandomStream(seed: 11)
            let kept = PackedWeights()
            for (input, shape, groups) in cases {
                let (w, other) = (Tensor.uniform(shape, -1, 1, &random), Tensor.uniform(shape, -1, 1, &random))
                let padding = shape.extents[1...3].map { $0 / 2 }
                for weight in [w, other, w] {
                    let x = Tensor.uniform(input, -1, 1, &random)
                    func output() throws -> Tensor { try x.conv3d(weight: weight, padding: padding, groups: groups) }
                    let (first, second) = try kept.kept { (try output(), try output()) }
                    #expect(first.values == second.values, "\(shape)")
                    let plain = PlainConvolution(x, weight, stride: [1, 1, 1], padding: padding, groups: groups)
                    #expect(relativeError(first, plain.output()) < 1e-5, "\(shape)")
                }
            }
        }
    }

    /// A kernel of one axis is a new view of the weight in each call.
    @Test func weightsOfSequencesArePackedOnce() throws {
        var random = RandomStream(seed: 3)
        let layer = Convolution(24, 40, kernel: [5], &random)
        let (kept, x) = (PackedWeights(), Pattern.tensor("sequence", [2, 90, 24]))
        func bytes() throws -> Int {
            _ = try kept.kept { try Autograd.noGrad { try layer(x) } }
            return BufferPool.shared.bytesInUse
        }
        let first = try bytes()
        #expect(try bytes() == first && bytes() == first)
    }

    /// Linear layers of all ways to tile a product: few rows, one tile of rows, several, parts of a long inner axis, several
    /// tiles of columns.
    private let matrices = [(3, 70, 90), (40, 33, 130), (530, 200, 48), (90, 40, 2100), (520, 1100, 30)]

    @Test func linearLayersGiveTheSameOutputsWithKeptWeights() throws {
        try InstructionSet.forEachAvailable { _ in
            for (rows, outputs, inputs) in matrices {
                var random = RandomStream(seed: 14)
                let x = Tensor.uniform([rows, inputs], -1, 1, &random)
                let w = Tensor.uniform([outputs, inputs], -1, 1, &random)
                let b = Tensor.uniform([outputs], -1, 1, &random)
                for precision in [ProductPrecision.float32, .bfloat16] {
                    try precision.used {
                        let kept = PackedWeights()
                        let plain = try x.linear(w, b).values
                        for _ in 0..<2 { #expect(try kept.kept { try x.linear(w, b).values } == plain) }
                        let half = 0..<outputs / 2
                        let part = try x.linear(w.slice(axis: 0, half)).values
                        for _ in 0..<2 {
                            #expect(try kept.kept { try x.linear(w.slice(axis: 0, half)).values } == part)
                        }
                    }
                }
            }
        }
    }

    @Test func viewsOfAWeightArePackedOnceAndComputedOnesForgotten() throws {
        var random = RandomStream(seed: 15)
        let (x, w) = (Tensor.uniform([600, 96], -1, 1, &random), Tensor.uniform([300, 96], -1, 1, &random))
        let kept = PackedWeights()
        func bytes(_ weight: () throws -> Tensor) throws -> Int {
            _ = try kept.kept { try x.linear(weight()) }
            return BufferPool.shared.bytesInUse
        }
        let first = try bytes { try w.slice(axis: 0, 100..<200) }
        #expect(try bytes { try w.slice(axis: 0, 100..<200) } == first)
        let computed = try bytes { try w * 2 }
        for _ in 0..<3 { #expect(try bytes { try w * 2 } == computed) }
    }

    @Test func nothingIsKeptBeyondItsCall() throws {
        var random = RandomStream(seed: 12)
        let x = Tensor.uniform([1, 1, 24, 31, 40], -1, 1, &random)
        let w = Tensor.uniform([51, 1, 3, 3, 40], -1, 1, &random)
        func output() throws -> [Float] { try x.conv3d(weight: w, padding: [0, 1, 1]).values }
        let before = try PackedWeights().kept { try output() }
        for index in 0..<w.count { w.pointer[index] *= 2 }
        #expect(try output() == before.map { 2 * $0 })
        #expect(try PackedWeights().kept { try output() } == before.map { 2 * $0 })
    }

    @Test func threadsDoNotChangeABit() throws {
        let threads = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = threads }
        for (input, shape, groups) in cases {
            let runs = try [1, 2].map { count -> [Float] in
                ThreadPool.shared.threadCount = count
                var random = RandomStream(seed: 13)
                let (x, w) = (Tensor.uniform(input, -1, 1, &random), Tensor.uniform(shape, -1, 1, &random))
                return try PackedWeights().kept {
                    try x.conv3d(weight: w, padding: shape.extents[1...3].map { $0 / 2 }, groups: groups).values
                }
            }
            #expect(runs[0] == runs[1], "\(shape)")
        }
    }
}
