import KitCore
import Testing

@Suite struct NearestNameTests {
    @Test func findsSwappedAndMissingLetters() {
        #expect(NearestName.of("temprature", in: ["temperature", "rate"]) == "temperature")
        #expect(NearestName.of("lsos", in: ["loss", "head"]) == "loss")
        #expect(NearestName.of("zzz", in: ["loss", "head"]) == nil)
    }

    @Test func findsWhatIsAbbreviated() {
        #expect(NearestName.of("var", in: ["variance", "values", "max", "variances"]) == "variance")
        #expect(NearestName.of("log", in: ["logsumexp", "lag"]) == "lag", "a slip comes before an abbreviation")
        #expect(NearestName.of("lo", in: ["logsumexp"]) == nil)
    }

    @Test func aNameOfElsewhereComesBeforeANearOne() {
        let foreign = ["test": "held_out"]
        #expect(NearestName.hint("test", in: ["tests"], foreignNames: foreign) == ": did you mean 'held_out'?")
        #expect(NearestName.hint("Test", in: [], foreignNames: foreign) == ": did you mean 'held_out'?")
        #expect(NearestName.hint("tset", in: ["tests"], foreignNames: foreign).isEmpty)
    }
}
