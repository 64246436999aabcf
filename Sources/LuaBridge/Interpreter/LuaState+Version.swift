import CLua

extension LuaState {
    /// "Lua 5.4.4": the release that the program was built with.
    public static var version: String { "Lua \(LUA_VERSION_MAJOR).\(LUA_VERSION_MINOR).\(LUA_VERSION_RELEASE)" }
}
