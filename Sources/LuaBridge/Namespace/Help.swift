import Kit

/// `help(x)`: the help of a plugin, a kind of plugin or an object.
package final class Help: ScriptObject {
    package static let scriptTypeName = "help"
    package static let scriptSummary =
        "Prints the help of a plugin, a kind of plugin, an object, a method, a function or a name."
    package static let scriptMethods = [
        ScriptMethod("__call", on: Help.self, "Prints help.", ScriptArgument("subject", OptionValue?.self)) {
            help, subject in Session.current[Output.self].show(try help.text(of: subject ?? .null))
        }
    ]

    /// The interpreter, which knows Lua's own functions.
    weak var state: LuaState?

    package init() {}

    package var scriptDescription: String { "help: call it with a plugin, a kind, an object or a name" }

    package func text(of subject: OptionValue) throws -> String {
        switch subject {
        case .null: return try overview()
        case .string(let name): return try PluginHelp.text(named: name)
        case .object(let constructor as PluginConstructor): return PluginHelp.text(for: constructor.declaration)
        case .object(let family as PluginFamily): return try PluginHelp.text(forKind: family.kind)
        case .object(is KitNamespace), .object(is Help): return try overview()
        case .object(let plugin as any ScriptObject & Plugin):
            return
                "\(PluginHelp.text(for: plugin.declaration))\n\n\(PluginHelp.text(for: type(of: plugin as any ScriptObject)))"
        case .object(let object as any ScriptObject): return PluginHelp.text(for: type(of: object))
        case .object(let function as LuaFunction):
            guard let state else { return "A function written in Lua." }
            return try state.help(of: function)
        default: throw KitError.usage("help: there is no help for \(subject.givenText)")
        }
    }

    private func overview() throws -> String {
        let registry = PluginRegistry.shared
        let sections = try registry.kinds.map { kind in
            "\(kind == "kit" ? "kit" : "kit.\(kind)")\n\(try PluginHelp.text(forKind: kind))"
        }
        return (sections + ["help(kit.loss), help(kit.loss.nt_xent), help(tensor), help \"nt_xent\" tell more."])
            .joined(separator: "\n\n")
    }

    /// The text for `? subject`: about a value of the session, or else about the kit's plugin or type of that name; for
    /// `? swift Linear` about the Swift API.
    package func text(asked subject: String) throws -> String {
        let words = subject.split(separator: " ").map(String.init)
        if words.first == "swift", try text(ofValue: "swift") == nil {
            return try SwiftReference().text(named: words.dropFirst().joined(separator: "."))
        }
        let path = subject.replacing(":", with: ".")
        let isPath = path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
            LuaScanner.isName(String($0))
        }
        if subject.isEmpty { return try overview() }
        if isPath, let text = try text(ofValue: path) { return text }
        let start = subject.trimmingPrefix(#/["']/#)
        let name = String(start.last == "\"" || start.last == "'" ? start.dropLast() : start)
        do {
            return try PluginHelp.text(named: name)
        } catch let error as KitError {
            guard (try? Apropos.text(for: name)) != nil else { throw error }
            throw KitError.usage("\(error.message); apropos \"\(name)\" lists everything that mentions it")
        }
    }

    /// The value of a path in the session; nil if the path does not begin with a value of the session.
    private func text(ofValue path: String) throws -> String? {
        guard let state else { return nil }
        let names = path.split(separator: ".")
        do {
            let value = try state.run(chunk: "return \(path)").first ?? .null
            if case .object = value { return try text(of: value) }
            if names.count == 1 { return nil }
            if case .null = value { return nil }
            return "\(path): \(value.givenText)"
        } catch let error as KitError {
            let owner = names.dropLast().joined(separator: ".")
            guard !owner.isEmpty, case .object(let object)? = try? state.run(chunk: "return \(owner)").first,
                object is any ScriptObject, !(object is any PluginTree), !(object is PluginConstructor)
            else { return nil }
            throw KitError.usage("help: \(error.text)")
        }
    }
}
