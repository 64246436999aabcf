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
}
