import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("switches instruction sets and counts the memory of tensors")) struct AttentionTests {
    private static let added: [String: Tensor.AddedQueries] = [
        "none": .none, "all": .all, "all_but_first": .allButFirst,
    ]

    @Test func equalsPyTorch() throws {
        let oracle = try Oracle("attention")
        try oracle.check("attention") {
            let scale = try Float($0.number("scale"))
            return try $0["q"].attention(
                $0["k"], $0["v"], heads: $0.int("heads"), scale: scale == 0 ? nil : scale,
                adding: #require(Self.added[$0.string("added")]))
        }
        try oracle.check("resample") { try $0["x"].resampledRows($0.int("count")) }
        try oracle.check("token_pool") {
            try $0["x"].pooledTokens(
                $0["weight"], grid: $0.ints("grid"), stride: $0.ints("stride"), leading: $0.int("leading"))
        }
    }

    @Test func relativePositionsEqualPyTorch() throws {
        try Oracle("attention").check("relative") {
            let (keys, heads, leading) = try ($0.ints("keys"), $0.int("heads"), $0.int("leading"))
            let positions = try $0["q"].relativePositions(
                try keys.indices.map { [each = $0] in each["table.\($0)"] }, grid: $0.ints("grid"), keyGrid: keys,
                heads: heads, leading: leading)
            return try $0["q"].attention(
                $0["k"], $0["v"], heads: heads, positions: positions, adding: leading > 0 ? .allButFirst : .all)
        }
    }

    @Test func allInstructionSetsAgree() throws {
        let oracle = try Oracle("attention")
        try InstructionSet.forEachAvailable { _ in
            try oracle.check("attention") {
                let scale = try Float($0.number("scale"))
                return try $0["q"].attention(
                    $0["k"], $0["v"], heads: $0.int("heads"), scale: scale == 0 ? nil : scale,
                    adding: #require(Self.added[$0.string("added")]))
            }
        }
    }

    @Test func hugeScoresNeitherOverflowNorVanish() throws {
        let queries = Tensor([1e4, -1e4], [1, 2, 1])
        let keys = Tensor((0..<1500).map { $0 == 1200 ? 1e4 : $0 == 3 ? -1e4 : 0 }, [1, 1500, 1])
        let values = Tensor((0..<1500).map(Float.init), [1, 1500, 1])
        #expect(try queries.attention(keys, values, heads: 1).values == [1200, 3])
    }

    /// The scores of these tokens alone would take 400 MB.
    @Test func memoryGrowsWithTheNumberOfTokens() throws {
        func peak(_ tokens: Int) throws -> Int {
            let inputs = try (0..<3).map { index in
                let tensor = Pattern.tensor("memory/\(index)", [1, tokens, 8])
                tensor.requiresGrad = true
                return tensor
            }
            BufferPool.shared.resetPeak()
            let before = BufferPool.shared.bytesInUse
            let result = try inputs[0].attention(inputs[1], inputs[2], heads: 1)
            try result.sum().backward()
            return BufferPool.shared.peakBytesInUse - before
        }
        let small = try peak(2500)
        #expect(try peak(10000) < 8 * small)
    }

    @Test func errorsNameWhatIsWrong() throws {
        func message(_ body: () throws -> Void) -> String? { #expect(throws: KitError.self, performing: body)?.message }
        let (q, k) = (Tensor.zeros([2, 5, 6]), Tensor.zeros([2, 7, 6]))
        #expect(
            message { _ = try q.attention(k, Tensor.zeros([2, 6, 6]), heads: 2) }
                == "attention: expected queries, keys and values of the shape [batch, tokens, features], with as many keys "
                + "as values, given [2, 5, 6], [2, 7, 6] and [2, 6, 6]")
        #expect(message { _ = try q.attention(k, k, heads: 4) } == "attention: 6 features do not divide into 4 heads")
        let terms = PositionTerms(.zeros([2, 5, 8]), grid: [2, 2])
        #expect(
            message { _ = try q.attention(k, k, heads: 2, positions: terms) }
                == "attention: the grid [2, 2] after 0 other keys has 4 keys, but there are 7")
        let wrong = PositionTerms(.zeros([2, 5, 8]), grid: [2, 3], leading: 1)
        #expect(
            message { _ = try q.attention(k, k, heads: 2, positions: wrong) }
                == "attention: position terms must be [2, 5, 10], but their shape is [2, 5, 8]")
        #expect(
            message { _ = try q.relativePositions([.zeros([5, 6])], grid: [3], keyGrid: [3], heads: 1) }
                == "relative positions: the grid [3] after 0 other queries has 3, but there are 5")
        #expect(
            message { _ = try q.relativePositions([.zeros([5, 4])], grid: [5], keyGrid: [3], heads: 1) }
                == "relative positions: a table must be [distances, 6], but its shape is [5, 4]")
        #expect(
            message { _ = try q.pooledTokens(.zeros([6, 1, 3, 3, 1]), grid: [1, 2, 2], stride: [1, 1, 1]) }
                == "token pool: tokens must be [batch, 0 + [1, 2, 2], heads x width], but their shape is [2, 5, 6]")
    }
}
