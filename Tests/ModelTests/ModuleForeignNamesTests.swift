import Kit
import Testing

@Suite struct ModuleForeignNamesTests {
    @Test func namesOfOtherLibrariesAreAnsweredWithOnesThatThereAre() {
        let known = Set(Module.scriptMethods.map(\.name))
        #expect(Module.scriptForeignNames["forward"] == "module(x)")
        for (foreign, own) in Module.scriptForeignNames {
            #expect(!known.contains(foreign), "\(foreign)")
            for call in own.matches(of: #/:(\w+)/#) { #expect(known.contains(String(call.1)), "\(own)") }
        }
    }
}
