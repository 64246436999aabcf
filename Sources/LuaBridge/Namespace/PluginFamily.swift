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

    /// Nothing but an error with what to write instead: a kind has no constructor of its own.
    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: PluginFamily.self, "Cannot be called: name one of its plugins.",
                ScriptArgument(rest: "arguments", OptionValue.self)
            ) { family, _ in
                let example = family.kind == "tensor" ? "from" : family.scriptPropertyNames.first ?? "NAME"
                throw KitError.usage(
                    "kit.\(family.kind) is a kind of plugin, not a function: write kit.\(family.kind).\(example) { ... }"
                        + (family.kind == "tensor" ? " for a tensor of given numbers" : "")
                        + "; help(kit.\(family.kind)) lists what there is")
            }
        ]
    }

    static var scriptForeignNames: [String: String] { ForeignPlugins.all }
    var scriptDescription: String { "kit.\(kind)" }
    var scriptPropertyNames: [String] { registry.names(of: kind) }
    func scriptAbsence(of name: String) -> String {
        ForeignPlugins.elsewhere(name, registry) ?? PluginFile.absence
    }

    func scriptProperty(_ name: String) -> OptionValue? {
        guard let declaration = try? registry.find(kind: kind, name: name) else { return nil }
        // A recipe may have redefined the name.
        if let member = members[name], member.declaration === declaration { return .object(member) }
        let member = PluginConstructor(declaration)
        members[name] = member
        return .object(member)
    }
}
