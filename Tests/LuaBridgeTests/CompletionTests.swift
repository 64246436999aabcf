import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

@Suite struct CompletionTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    private func complete(_ text: String) -> Completion { Completer(lua).complete(text) }
    private func names(_ text: String) -> [String] { complete(text).candidates.map(\.text) }

    @Test func membersOfTheKitComeFromTheRegistry() {
        #expect(names("kit.fixt") == ["fixture"])
        #expect(names("local p = kit.fixture.peb") == ["pebble"])
        #expect(names("f(kit.fixture.").count == PluginRegistry.shared.names(of: "fixture").count)
        #expect(complete("kit.fixture.peb").candidates[0].note == "A number that Lua can hold.")
        #expect(names("kit.nothing.x").isEmpty && names("5.").isEmpty)
    }

    @Test func globalsKeywordsAndFieldsOfTables() throws {
        #expect(try lua.show("spectra = { low = { 1 }, high = { 2 }, ['not a name'] = 3 }") == "")
        #expect(names("x = spec") == ["spectra"])
        #expect(names("spectra.") == ["high", "low"])
        #expect(names("spectra.low.") == [])
        #expect(names("func") == ["function"])
        #expect(names("string.gs") == ["gsub"])
        #expect(complete("pri").addition == "nt")
    }

    @Test func methodsOfObjectsWithTheirSignatures() throws {
        _ = try lua.show("p = kit.fixture.pebble()")
        #expect(names("p:plu") == ["plus"])
        #expect(complete("p:plu").candidates[0].note.contains("(amount)"))
        #expect(names("p.am") == ["amount"])
        #expect(names("p:am").isEmpty)
    }

    @Test func optionsWithTypeAndDefault() {
        let keys = complete("kit.fixture.every_option { ")
        #expect(keys.candidates.contains { $0.note.hasPrefix("integer; 1 to 10; in px; default 1 (paper-stated)") })
        let key = keys.candidates[0].text
        #expect(complete("kit.fixture.every_option { \(key.dropLast())").candidates.contains { $0.text == key })
        // What is there already is not proposed again.
        #expect(!names("kit.fixture.every_option { \(key) = 1, ").contains(key))
        #expect(names("kit.fixture.every_option({ \(key) = f(kit.fixture.peb") == ["pebble"])
        #expect(!names("kit.fixture.every_option { \(key) = { ").contains(key))
    }

    @Test func valuesOfAChoice() throws {
        let plugin = try PluginRegistry.shared.find(kind: "fixture", name: "every_option")
        let choice = try #require(plugin.options.first { $0.param.typeName == "one of small, large" })
        #expect(names("kit.fixture.every_option { \(choice.name) = ") == ["\"small\"", "\"large\""])
        #expect(complete("kit.fixture.every_option { \(choice.name) = \"sm").addition == "all\"")
        let number = try #require(plugin.options.first { $0.param.typeName == "integer" })
        #expect(complete("kit.fixture.every_option { \(number.name) = ").hint?.contains("default") == true)
    }

    @Test func pathsInsideStrings() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("films"), withIntermediateDirectories: true)
            try Data().write(to: folder.appendingPathComponent("films/one.mkv"))
            try Data().write(to: folder.appendingPathComponent("films/.hidden"))
            #expect(complete("f('\(folder.path)/fi").addition == "lms/")
            #expect(names("f { path = \"\(folder.path)/films/") == ["one.mkv"])
            #expect(names(":run \(folder.path)/films/o") == ["one.mkv"])
            #expect(names("f('\(folder.path)/films/.") == [".hidden"])
            #expect(names("'\(folder.path)/none/").isEmpty)
        }
    }

    @Test func wordsThatACallTakes() throws {
        _ = try lua.show("p = kit.fixture.pebble()")
        #expect(names("p:grade(\"").sorted() == ["large", "small"])
        #expect(complete("p:grade('sm").addition == "all\"" && names("p:grade \"l") == ["large"])
        #expect(names("p:echo({ 1, 2 }, \"grad").isEmpty && names("f(p:get(), \"no such file").isEmpty)
        #expect(names("require \"ki") == ["kit"] && names("require('mat") == ["math"])
    }

    @Test func keysOfARecipe() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("r.lua")
            let text =
                "-- kit.recipe { no = 1 }\ncfg = kit.recipe { batch = { 4, 'a = 1', from = 'ours' }, data = '{', rate = 1 }\nx = 1"
            try Data(text.utf8).write(to: file)
            #expect(names(":run \(file.path) ") == ["batch", "data", "rate"])
            #expect(complete(":run \(file.path) batch=5 d").addition == "ata=")
            #expect(
                names(":run \(file.path) batch=5 ") == ["data", "rate"] && names(":run \(file.path) batch=").isEmpty)
        }
    }

    @Test func commandsAndHelp() {
        #expect(names(":re") == ["reload"])
        #expect(names("? kit.fixture.peb") == ["pebble"])
        #expect(names("-- kit.fixt").isEmpty)
    }

    @Test func candidatesAreListedInColumnsOrWithNotes() {
        let plain = Completion.list(["alpha", "beta", "gamma"], width: 20)
        #expect(plain == "alpha  gamma\nbeta")
        #expect(complete("kit.fixture.").list(width: 30).split(separator: "\n").allSatisfy { $0.count < 30 })
    }
}

extension Completion {
    fileprivate static func list(_ names: [String], width: Int) -> String {
        Completion(word: "", candidates: names.map { Candidate(text: $0) }).list(width: width)
    }
}
