import Testing

import LuaBridge

@Suite struct SessionNamesTests {
    @Test(arguments: [
        ("local x = 1", "      x = 1"), ("local x", "      x = nil"), ("local x, y f()", "      x, y = nil f()"),
        ("local function f(a) local b = a return b end", "      function f(a) local b = a return b end"),
        ("local x <const>, y = 1, 2", "      x        , y = 1, 2"), ("local x <close> = f()", "local x <close> = f()"),
        ("do local x = 1 end\nlocal y = 2", "do local x = 1 end\n      y = 2"),
        ("repeat local x = f() until x\nlocal y = 'local z'", "repeat local x = f() until x\n      y = 'local z'"),
        ("if a then local x = 1 else local x = 2 end", "if a then local x = 1 else local x = 2 end"),
        ("local = 2", "local = 2"), ("-- local x\ng()", "-- local x\ng()"),
        ("local x -- nothing yet\nlocal y", "      x = nil -- nothing yet\n      y = nil"),
    ])
    func outermostLocalNamesBecomeGlobal(text: String, kept: String) {
        #expect(SessionNames.kept(in: text) == kept)
    }
}
