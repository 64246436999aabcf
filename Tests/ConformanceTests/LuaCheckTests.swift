import Kit
import LuaBridge
import Plugins
import Testing

/// Plugins as Lua sees them. None is named here: a new one is held to it by existing.
@Suite struct LuaCheckTests {
    /// Of the kinds that come in files too. Functions would act when they are made.
    static let plugins = PluginTemplate.kinds.flatMap { kind in
        PluginRegistry.shared.names(of: kind).map { "\(kind).\($0)" }
    }

    @Test(arguments: plugins) func luaGivesBackWhatItWasGiven(plugin: String) throws {
        let words = plugin.split(separator: ".").map(String.init)
        let subject = ConformanceSubject(try PluginRegistry.shared.find(kind: words[0], name: words[1]))
        #expect(ConformanceCheck.lua.faults(of: subject) == [])
    }

    @Test func everyTemplateIsOfAKindThatThereIs() {
        #expect(Set(PluginTemplate.kinds).isSubset(of: PluginRegistry.shared.kinds) && !PluginTemplate.kinds.isEmpty)
    }
}
