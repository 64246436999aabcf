import Foundation
import Kit
import LuaBridge
import Testing

/// Reading files as Lua's manual describes it.
@Suite struct FileReadingTests {
    private func run(_ chunk: String, _ text: String = "12 0x1F -3.5e1\nsecond line\n\nlast") throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let lua = try LuaState()
        try lua.setGlobal("path", .string(file.path))
        return try lua.run(chunk: chunk, name: "@recipe.lua").map(\.optionText)
    }

    @Test func formatsAreReadOneAfterTheOther() throws {
        #expect(
            try run("return io.open(path):read('n', 'n', 'n', 'l', 'L', '*l', 2, 'a', 'a', 'l')")
                == ["12", "31", "-35.0", "\"\"", "\"second line\n\"", "\"\"", "\"la\"", "\"st\"", "\"\"", "nil"])
        #expect(
            try run("local f = io.open(path) return f:read(), f:read(0), f:read(6)") == [
                "\"12 0x1F -3.5e1\"", "\"\"", "\"second\"",
            ])
        #expect(
            try run("local f = io.open(path) f:read('a') return f:read(0), f:read(), f:read(3)") == [
                "nil", "nil", "nil",
            ])
        #expect(
            try run("local f = io.open(path) return f:read('n', 'l', 'n', 'l')") == ["12", "\" 0x1F -3.5e1\"", "nil"])
    }

    @Test func linesEndWithTheFile() throws {
        let count = "local n, s = 0, '' for a in %@ do n, s = n + 1, s .. a end return n, #s"
        #expect(try run(String(format: count, "io.lines(path)")) == ["4", "29"])
        #expect(try run(String(format: count, "io.lines(path, 'L')")) == ["4", "32"])
        #expect(try run(String(format: count, "io.open(path):lines(5)")) == ["7", "32"])
        #expect(
            try run("for a, b, c in io.lines(path, 1, 'n', 'l') do return a, b, c end") == [
                "\"1\"", "2", "\" 0x1F -3.5e1\"",
            ])
        #expect(
            try run("io.input(path) for l in io.lines() do return l, io.read() end") == [
                "\"12 0x1F -3.5e1\"", "\"second line\"",
            ])
    }

    @Test func aLongLineIsWhole() throws {
        let text = String(repeating: "x", count: 200_000) + "\ny"
        #expect(try run("local f = io.open(path) return #f:read(), f:read()", text) == ["200000", "\"y\""])
        #expect(try run("local f = io.open(path) return #f:read(150000), #f:read('a')", text) == ["150000", "50002"])
    }

    @Test func aLoopClosesItsFile() throws {
        #expect(
            try run("local _, _, _, f = io.lines(path) for _ in io.lines(path) do break end return io.type(f)") == [
                "\"file\""
            ])
        let text = "local next, _, _, f = io.lines(path) while next() do end return io.type(f), pcall(next)"
        #expect(try run(text) == ["\"closed file\"", "false", "\"file is already closed\""])
    }

    @Test(arguments: [
        ("io.lines('no such file')", "no such file: No such file or directory"),
        ("io.open(path):read('x')", "invalid format"),
        ("local f = io.open(path) f:close() f:read()", "attempt to use a closed file"),
        ("io.open(path):read({})", "string expected, got table"),
        ("io.lines(path, table.unpack({}, 1, 251))", "too many arguments"),
    ])
    func mistakesAreErrors(chunk: String, message: String) throws {
        let error = #expect(throws: KitError.self) { try run(chunk) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
