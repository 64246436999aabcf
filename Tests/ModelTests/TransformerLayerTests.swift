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
        let positions = LearnedPositions(5, 6, &random)
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
        var random = RandomStream(seed: 5)
        let mask = try TokenMask(batch: 3, tokens: 7, keep: 2, &random)
        let tokens = Pattern.tensor("tokens", [3, 7, 4])
        let seen = try tokens.gatheredTokens(mask.kept)
        #expect(seen.shape == [3, 2, 4])
        #expect(Set(mask.kept).count > 1)
        // The others are zeros here, as mask tokens are in a decoder.
        let all = try Tensor.concat([seen, .zeros([3, 5, 4])], axis: 1).gatheredTokens(mask.order)
        for sample in 0..<3 {
            for place in 0..<7 {
                let row = try all.slice(axis: 0, sample..<sample + 1).slice(axis: 1, place..<place + 1).values
                let wanted = try tokens.slice(axis: 0, sample..<sample + 1).slice(axis: 1, place..<place + 1).values
                #expect(row == (mask.kept[sample].contains(place) ? wanted : [0, 0, 0, 0]))
            }
        }
        try GradientCheck().run("gathered tokens", [("x", tokens)]) { try $0[0].gatheredTokens(mask.kept) }
        #expect(throws: KitError.usage("token mask: expected 1 to 7 tokens to keep, given 8")) {
            try TokenMask(batch: 1, tokens: 7, keep: 8, &random)
        }
        #expect(throws: KitError.usage("gather tokens: place 7 is outside the 7 tokens of [3, 7, 4]")) {
            try tokens.gatheredTokens([[0], [7], [1]])
        }
        #expect(throws: KitError.usage("gather tokens: sample 2 has 2 places, and sample 1 has 1")) {
            try tokens.gatheredTokens([[0], [1, 2], [1]])
        }
    }
}
