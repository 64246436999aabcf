/// Help for types of objects and their methods: at the prompt, and as a page of the reference.
extension PluginHelp {
    /// How metamethods are written in Lua.
    private static let operators = [
        "__add": "x + y", "__sub": "x - y", "__mul": "x * y", "__div": "x / y", "__pow": "x ^ y", "__unm": "-x",
        "__len": "#x", "__index": "x[i]", "__lt": "x < y", "__le": "x <= y", "__eq": "x == y",
    ]

    /// One method of a type of object as text.
    package static func text(for method: ScriptMethod, of type: any ScriptObject.Type) -> String {
        let parameters = method.parameters.map { "\($0.name): \(facts(of: $0))" }
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
        let written = type.scriptMethods.compactMap { operators[$0.name] }
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
        let taken = method.parameters.map { "`\($0.name)`: \(facts(of: $0))" }.joined(separator: "; ")
        return "| `\(shown)` | \(taken) | \(method.returns) | \(method.summary.replacing("|", with: "\\|")) |"
    }

    private static func facts(of parameter: ScriptParameter) -> String {
        parameter.typeName + (parameter.isVariadic ? ", any number of them" : parameter.isOptional ? ", optional" : "")
    }

    private static func namedMethods(of type: any ScriptObject.Type) -> [ScriptMethod] {
        type.scriptMethods.filter { !$0.name.hasPrefix("__") }
    }
}
