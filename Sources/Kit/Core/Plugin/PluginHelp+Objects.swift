/// Help for types of objects and their methods: at the prompt, and as a page of the reference.
extension PluginHelp {
    /// How a metamethod is written in Lua; nil for one that is not written as an operator.
    private static func written(_ method: ScriptMethod) -> String? {
        switch method.name {
        case "__unm": "-x"
        case "__len": "#x"
        case "__index": "x[i]"
        // A type declares it only for its error message.
        case "__concat": nil
        default: ScriptMethod.sign(method.name).map { "x \($0) y" }
        }
    }

    /// One method of a type of object as text.
    package static func text(for method: ScriptMethod, of type: any ScriptObject.Type) -> String {
        let parameters = method.arguments.map { "\($0.name): \(facts(of: $0))" }
        return
            (["\(type.scriptTypeName):\(method.signature)", "", "  \(method.summary)"]
            + parameters.map { "  \($0)" }).joined(separator: "\n")
    }

    /// The fields and methods of a script object as text.
    public static func text(for type: any ScriptObject.Type) -> String {
        let members =
            type.scriptFields.map { [".\($0.name)", $0.typeName] }
            + namedMethods(of: type).map { [":\($0.signature)", $0.summary] }
        return (["\(type.scriptTypeName): \(type.scriptSummary)"] + TextTable.lines(members, indent: "  "))
            .joined(separator: "\n")
    }

    /// A section of the reference: a type of object with its fields and methods.
    public static func markdown(for type: any ScriptObject.Type) -> String {
        var lines = ["## \(type.scriptTypeName)", "", type.scriptSummary]
        let call = type.scriptMethods.first { $0.name == "__call" }
        let methods = namedMethods(of: type)
        let written = type.scriptMethods.compactMap(written)
        if !written.isEmpty { lines += ["", "Operators: \(written.map { "`\($0)`" }.joined(separator: ", "))."] }
        if !type.scriptFields.isEmpty || call != nil || !methods.isEmpty {
            lines += ["", "| | takes | gives | |", "|---|---|---|---|"]
        }
        lines += type.scriptFields.map { "| `\($0.name.hasPrefix("[") ? "" : ".")\($0.name)` | | \($0.typeName) | |" }
        if let call { lines.append(row(call, "(\(call.signature.drop { $0 != "(" }.dropFirst())")) }
        lines += methods.map { row($0, ":\($0.signature)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ method: ScriptMethod, _ shown: String) -> String {
        let taken = method.arguments.map { "`\($0.name)`: \(facts(of: $0))" }.joined(separator: "; ")
        return "| `\(shown)` | \(taken) | \(method.returns) | \(method.summary.replacing("|", with: "\\|")) |"
    }

    private static func facts(of parameter: any AnyScriptArgument) -> String {
        if parameter.isVariadic { return "\(parameter.typeName), any number of them" }
        if let value = parameter.defaultValue { return "\(parameter.typeName), default \(value)" }
        return parameter.isOptional ? "\(parameter.typeName), optional" : parameter.typeName
    }

    private static func namedMethods(of type: any ScriptObject.Type) -> [ScriptMethod] {
        type.scriptMethods.filter { !$0.name.hasPrefix("__") }
    }
}
