import Kit

/// The table `kit` of a recipe: every kind of plugin, and the plugins of kind "kit" themselves.
final class KitNamespace: ScriptObject {
    static let scriptTypeName = "kit"
    var scriptGiven: String { Self.scriptTypeName }
    static let scriptSummary = "Everything that a recipe can use: kinds of plugins, and functions."

    let help = Help()
    private let registry: PluginRegistry
    private var members: [String: any ScriptObject] = [:]

    init(_ registry: PluginRegistry = .shared) { self.registry = registry }

    static var scriptForeignNames: [String: String] { ForeignPlugins.all }
    func scriptAbsence(of name: String) -> String { ForeignPlugins.elsewhere(name, registry) ?? "" }
    var scriptDescription: String { "kit" }

    var scriptPropertyNames: [String] {
        (registry.kinds.filter { $0 != Self.scriptTypeName } + registry.names(of: Self.scriptTypeName) + ["help"])
            .sorted()
    }

    func scriptProperty(_ name: String) -> OptionValue? {
        if let member = members[name] { return .object(member) }
        guard let member = make(name) else { return nil }
        members[name] = member
        return .object(member)
    }

    private func make(_ name: String) -> (any ScriptObject)? {
        if name == "help" { return help }
        if let function = try? registry.find(kind: Self.scriptTypeName, name: name) {
            return PluginConstructor(function)
        }
        return registry.kinds.contains(name) ? PluginFamily(name, registry) : nil
    }
}
