import Kit

/// All plugins of one kind: `kit.loss`.
final class PluginFamily: ScriptObject {
    static let scriptTypeName = "kind of plugin"
    static let scriptSummary = "The plugins of one kind, by name."

    let kind: String
    private let registry: PluginRegistry
    private var members: [String: PluginConstructor] = [:]

    init(_ kind: String, _ registry: PluginRegistry) {
        self.kind = kind
        self.registry = registry
    }

    var scriptDescription: String { "kit.\(kind)" }
    var scriptPropertyNames: [String] { registry.names(of: kind) }
    func scriptAbsence(of name: String) -> String { PluginFile.absence }

    func scriptProperty(_ name: String) -> OptionValue? {
        guard let declaration = try? registry.find(kind: kind, name: name) else { return nil }
        // A recipe may have redefined the name.
        if let member = members[name], member.declaration === declaration { return .object(member) }
        let member = PluginConstructor(declaration)
        members[name] = member
        return .object(member)
    }
}
