import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// The promises that every plugin of the registry must keep. No plugin is named here, so a new one is tested as soon as
/// it exists.
@Suite(.serialized) struct PluginTests {
    /// Without those that other tests, which run at the same time, define in Lua.
    private static var plugins: [PluginDeclaration] { PluginRegistry.shared.all.filter { $0.place == nil } }

    @Test func thereArePlugins() { #expect(Self.plugins.count > 20) }

    @Test(arguments: ConformanceCheck.all.map(\.name)) func everyPluginPasses(check name: String) throws {
        let check = try #require(ConformanceCheck.all.first { $0.name == name })
        var concerned = 0
        for plugin in Self.plugins {
            guard let faults = check.faults(of: ConformanceSubject(plugin)) else { continue }
            concerned += 1
            #expect(faults.isEmpty, "\(plugin.qualifiedName): \(faults)")
        }
        #expect(concerned > 0, "nothing is checked")
    }

    /// The table of checks in the guide.
    @Test(arguments: ConformanceCheck.all + [.lua]) func theGuideSaysWhatIsChecked(_ check: ConformanceCheck) throws {
        let guide = try String(
            contentsOf: Fixtures.repository.appendingPathComponent("docs/guide/plugins.md"), encoding: .utf8)
        #expect(guide.contains("| `\(check.name)` | \(check.summary) |\n"), "\(check.name): \(check.summary)")
    }
}
