import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Results as JSON, in a recipe's hands.
@Suite struct JSONFileTests {
    private func run(_ chunk: String, _ folder: URL) throws -> [OptionValue] {
        let lua = try LuaState()
        try lua.setGlobal("folder", .string(folder.path))
        return try lua.run(chunk: chunk)
    }

    @Test func valuesReadBackAsTheyWereWritten() throws {
        try Fixtures.withTemporaryFolder { folder in
            let values = try run(
                """
                local value = { name = "b\\"ü\\n", list = { 1, 0.1, true }, nested = { deep = { { a = -3 } } } }
                kit.write_json { path = folder .. "/new/cell.json", value = value }
                local read = kit.read_json { path = folder .. "/new/cell.json" }
                return read.name == value.name, read.list[2] == 0.1, read.list[3], read.nested.deep[1].a, #read.list
                """, folder)
            #expect(try values[0...2].allSatisfy { try Bool(option: $0) })
            #expect(try Int(option: values[3]) == -3 && Int(option: values[4]) == 3)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new") == ["cell.json"])
        }
    }

    @Test func everyLineOfAListIsAValue() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("{\"a\": 1}\r\n\n[2, 3]\n".utf8).write(to: folder.appendingPathComponent("list.jsonl"))
            let values = try run(
                "local list = kit.read_json { path = folder .. '/list.jsonl' } return #list, list[1].a, list[2][2]",
                folder)
            #expect(try values.map { try Int(option: $0) } == [2, 1, 3])
            try Data("{}\n{\n".utf8).write(to: folder.appendingPathComponent("list.jsonl"))
            let error = #expect(throws: KitError.self) {
                try run("kit.read_json { path = folder .. '/list.jsonl' }", folder)
            }
            #expect(error?.message.contains("list.jsonl:2: not valid JSON") == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: [
        ("kit.write_json { path = folder .. '/a.json', value = { x = 0/0 } }", "not finite"),
        ("kit.write_json { path = folder .. '/a.json', value = { x = { kit.tensor.ones { 1 } } } }", "'value.x[1]'"),
        ("kit.read_json { path = folder .. '/none.json' }", "there is no such file"),
        (
            "kit.read_json { path = folder .. '/bad.json' }",
            "bad.json: not valid JSON at line 2, column 11: invalid value"
        ),
    ])
    func mistakesAreNamed(chunk: String, message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("{\"é\": 1,\n \"büro\": [x]}\n".utf8).write(to: folder.appendingPathComponent("bad.json"))
            let error = #expect(throws: KitError.self) { try run(chunk, folder) }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bad.json"])
        }
    }
}
