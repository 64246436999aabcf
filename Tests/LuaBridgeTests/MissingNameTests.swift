import Kit
import LuaBridge
import Testing

/// The messages for names that do not exist.
@Suite struct MissingNameTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    /// The message of a chunk at the prompt.
    private func message(_ chunk: String) -> String {
        let error = #expect(throws: KitError.self) { try lua.evaluate(chunk) }
        return error?.message ?? ""
    }

    @Test(arguments: [
        ("prnt(1)", "attempt to call a nil value (global 'prnt'): did you mean 'print'?"),
        ("kti.loss()", "attempt to index a nil value (global 'kti'): did you mean 'kit'?"),
        ("string.fromat('x')", "attempt to call a nil value (field 'fromat'): did you mean 'format'?"),
        ("x = 1 + math.hgue", "attempt to perform arithmetic on a nil value (field 'hgue'): did you mean 'huge'?"),
        ("text = 'a' text:uper()", "attempt to call a nil value (method 'uper'): did you mean 'upper'?"),
        (
            "do local films = {} return flims[1] end",
            "attempt to index a nil value (global 'flims'): did you mean 'films'?"
        ),
        ("zzzzzz()", "attempt to call a nil value (global 'zzzzzz')"),
        ("t = {} t.fromat()", "attempt to call a nil value (field 'fromat')"),
    ])
    func theNearestIsNamed(chunk: String, words: String) {
        #expect(message(chunk) == "prompt 1:1: \(words)")
    }

    @Test func itIsNamedOnceHoweverDeepTheCall() throws {
        try lua.run(chunk: "p = kit.fixture.pebble()")
        #expect(
            message("p:apply(function() p:apply(function() prnt(1) end) end)")
                == "prompt 1:1: attempt to call a nil value (global 'prnt'): did you mean 'print'?")
        // Code that feels its way sees no other message than Lua's.
        #expect(
            try lua.show("select(2, pcall(function() prnt(1) end))").hasSuffix("a nil value (global 'prnt')\""))
    }
}
