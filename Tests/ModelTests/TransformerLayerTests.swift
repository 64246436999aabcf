import Foundation
import Kit
import TestSupport
import Testing

@Suite struct TransformerLayerTests {
    @Test func dropPathKeepsTheMeanAndDropsWholeSamples() throws {
        let (drop, input) = (DropPath(0.25), Tensor.ones([4000, 3]))
        StepRandom.begin(seed: 3, step: 1)
        let rows = try drop(input)
        let firsts = stride(from: 0, to: rows.count, by: 3).map { rows.values[$0] }
        #expect(Set(firsts) == [0, 4.0 / 3])
        for (row, first) in firsts.enumerated() {
            #expect(rows.values[3 * row + 1] == first && rows.values[3 * row + 2] == first)
        }
        let dropped = firsts.filter { $0 == 0 }.count
        #expect((900...1100).contains(dropped))
        drop.train(false)
        #expect(try drop(input) === input)
    }

    @Test func sinePositionsAreThePublishedOnes() {
        let table = Tensor.sinePositions(3, 4).values
        let expected: [Double] = [
            0, 1, 0, 1, 0.841471, 0.540302, 0.0099998, 0.99995, 0.909297, -0.416147, 0.0199987, 0.9998,
        ]
        for (given, wanted) in zip(table, expected) { #expect(abs(Double(given) - wanted) < 1e-6) }
    }

    @Test func layersHaveGradients() throws {
        var random = RandomStream(seed: 4)
        let positions = LearnedPositions(grid: [5], 6, &random)
        let block = TransformerBlock(6, heads: 2, hidden: 12, epsilon: 1e-6, layerScale: 0.5, &random)
        // Larger weights than the initial ones, so that differences are not lost in rounding.
        for (_, tensor) in block.namedParameters() where tensor.shape.rank == 2 {
            for index in 0..<tensor.count { tensor.pointer[index] *= 20 }
        }
        try GradientCheck().run("transformer block", [("x", Pattern.tensor("x", [2, 5, 6]))]) {
            try block(positions($0[0]))
        }
        let error = #expect(throws: KitError.self) { try positions(.zeros([2, 4, 6])) }
        #expect(error?.message == "positions: expected [batch, tokens 5, features 6], given [2, 4, 6]")
    }

    @Test func maskedTokensComeBackInOrder() throws {
        let random = RandomStream(seed: 5)
        let mask = try TokenMask(batch: 3, tokens: 7, keep: 2, random)
        let tokens = Pattern.tensor("tokens", [3, 7, 4])
        let seen = try mask.keeping(tokens)
        #expect(seen.shape == [3, 2, 4])
        #expect(Set(mask.kept).count > 1)
        // The others are zeros here, as mask tokens are in a decoder.
        let all = try mask.filling(seen, with: .zeros([4]))
        let hidden = mask.hidden
        for sample in 0..<3 {
            for place in 0..<7 {
                let row = try all.slice(axis: 0, sample..<sample + 1).slice(axis: 1, place..<place + 1).values
                let wanted = try tokens.slice(axis: 0, sample..<sample + 1).slice(axis: 1, place..<place + 1).values
                let isSeen = mask.kept[sample].contains(place)
                #expect(row == (isSeen ? wanted : [0, 0, 0, 0]))
                #expect(hidden.values[7 * sample + place] == (isSeen ? 0 : 1))
            }
        }
        try GradientCheck().run("gathered tokens", [("x", tokens)]) { try $0[0].gatheredTokens(mask.kept) }
        try GradientCheck().run(
            "scattered tokens", [("x", seen), ("filler", Pattern.tensor("filler", [4]))]
        ) { try mask.filling($0[0], with: $0[1]) }
        // A sample's tokens depend on its place in the batch only.
        let rest = try TokenMask(batch: 2, tokens: 7, keep: 2, first: 1, random)
        #expect(rest.kept == Array(mask.kept[1...]))
        #expect(throws: KitError.usage("token mask: expected 1 to 7 tokens to keep, given 8")) {
            try TokenMask(batch: 1, tokens: 7, keep: 8, random)
        }
        #expect(throws: KitError.usage("gather tokens: place 8 is outside the 7 tokens of a sample")) {
            try tokens.gatheredTokens([[0], [7], [1]])
        }
        #expect(throws: KitError.usage("gather tokens: sample 2 has 2 places, and sample 1 has 1")) {
            try tokens.gatheredTokens([[0], [1, 2], [1]])
        }
        #expect(throws: KitError.usage("scatter tokens: sample 1 has place 2 twice")) {
            try seen.scatteredTokens([[1, 1], [0, 1], [0, 1]], count: 7, filler: .zeros([4]))
        }
        #expect(throws: KitError.usage("scatter tokens: the filler must have 4 elements, but its shape is [3]")) {
            try mask.filling(seen, with: .zeros([3]))
        }
    }

    /// As in a step of training, whose number decides, with and without shards.
    @Test func masksOfAStepAreRepeated() throws {
        func kept(_ step: Int) throws -> [[Int]] {
            StepRandom.begin(seed: 3, step: step)
            return try TokenMask.ofStep(batch: 2, tokens: 40, keep: 10).kept
        }
        let first = try kept(1)
        #expect(try kept(1) == first)
        #expect(try kept(2) != first)
    }

    /// By the authors' code of MAE: half of the features for the column, then half for the row.
    @Test func sinePositionsOfAGrid() throws {
        let table = Tensor.sinePositions(grid: [2, 3], 4)
        #expect(table.shape == [6, 4])
        for (token, (row, column)) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)].enumerated() {
            let expected = [sin(Double(column)), cos(Double(column)), sin(Double(row)), cos(Double(row))]
            for (feature, wanted) in expected.enumerated() {
                #expect(abs(Double(table.values[4 * token + feature]) - wanted) < 1e-6)
            }
        }
    }

    @Test func attentionReadsOtherTokens() throws {
        var random = RandomStream(seed: 6)
        let attention = SelfAttention(6, heads: 2, &random)
        let (x, y) = (Pattern.tensor("x", [2, 3, 6]), Pattern.tensor("y", [2, 5, 6]))
        #expect(try attention(x, [x]).values == attention(x).values)
        #expect(try attention(x, [y]).shape == [2, 3, 6])
        try GradientCheck().run("attention", [("x", x), ("y", y)]) { try attention($0[0], [$0[1]]) }
        #expect(throws: KitError.usage("attention: expected [batch, tokens, features 6], given [2, 5, 4]")) {
            try attention(x, [.zeros([2, 5, 4])])
        }
    }

    @Test func blocksShareLayersButNotNorms() throws {
        var random = RandomStream(seed: 7)
        let block = TransformerBlock(6, heads: 2, hidden: 12, epsilon: 1e-6, &random)
        let other = TransformerBlock(sharing: block, epsilon: 1e-6)
        let names = other.namedParameters().map(\.name)
        #expect(names == block.namedParameters().map(\.name))
        let shared = zip(block.namedParameters(), other.namedParameters()).filter { $0.tensor === $1.tensor }
        #expect(shared.count == names.count - 4)
        #expect(names.count { $0.hasPrefix("layernorm") } == 4)
        let x = Pattern.tensor("x", [1, 3, 6])
        #expect(try other(x).values == block(x).values)
    }

    @Test func patchesAreTokens() throws {
        var random = RandomStream(seed: 8)
        let embedding = PatchEmbedding(3, 5, size: [2, 4], &random)
        let x = Pattern.tensor("image", [2, 4, 12, 3])
        let tokens = try embedding(x)
        #expect(tokens.shape == [2, 6, 5])
        // The same as a linear layer of the values of each patch.
        let weight = embedding.namedParameters()[0].tensor
        let linear = try x.patches([2, 4]).linear(weight.reshaped([5, 24]), embedding.namedParameters()[1].tensor)
        for (a, b) in zip(tokens.values, linear.values) { #expect(abs(a - b) < 1e-5) }
        #expect(throws: KitError.usage("patches: axis 3 must be a multiple of 4, such as 8, but is 10: [1, 2, 10, 3]"))
        {
            try embedding(.zeros([1, 2, 10, 3]))
        }
        #expect(throws: KitError.usage("patches: axis 3 must be a multiple of 4, such as 8, but is 10: [1, 2, 10, 3]"))
        {
            try Tensor.zeros([1, 2, 10, 3]).patches([2, 4])
        }
        #expect(
            throws: KitError.usage(
                "patches: a patch spans 4 along axis 3, but the input has only 3: [1, 2, 3, 3]")
        ) { try embedding(.zeros([1, 2, 3, 3])) }
        let overlapping = PatchEmbedding(3, 5, size: [4, 4], stride: [2, 3], &random)
        #expect(try overlapping(.zeros([1, 7, 10, 3])).shape == [1, 2 * 3, 5])
    }

    @Test func classTokensComeFirst() throws {
        var random = RandomStream(seed: 9)
        let token = ClassToken(4, count: 2, &random)
        let x = Pattern.tensor("x", [3, 5, 4])
        let y = try token(x)
        #expect(y.shape == [3, 7, 4])
        let first = token.namedParameters()[0].tensor.values
        for sample in 0..<3 { #expect(Array(y.values[28 * sample..<28 * sample + 8]) == first) }
        #expect(try y.slice(axis: 1, 2..<7).values == x.values)
        #expect(throws: KitError.usage("class token: expected [batch, tokens, features 4], given [3, 5, 3]")) {
            try token(.zeros([3, 5, 3]))
        }
    }
}
