/// The help of plugins and script objects, derived from their declarations: for `help()` in Lua, `dubkit help` and the
/// reference pages.
public enum PluginHelp {
    /// One plugin as text for a terminal.
    public static func text(for plugin: PluginDeclaration) -> String {
        let options = labelled(plugin)
        var lines = [usage(of: plugin), "", "  \(plugin.summary)"]
        if !plugin.reference.isEmpty { lines.append("  Reference: \(plugin.reference)") }
        if let place = plugin.place { lines.append("  Defined at \(place)") }
        if !options.isEmpty { lines += ["", "Options"] }
        let rows = options.flatMap { [[$0, facts(of: $1).joined(separator: "; ")], ["", $1.help]] }
        return (lines + TextTable.lines(rows, indent: "  ")).joined(separator: "\n")
    }

    /// One plugin as a section of a Markdown page.
    public static func markdown(for plugin: PluginDeclaration) -> String {
        var lines = ["## `\(usage(of: plugin))`", "", plugin.summary, "", "Reference: \(plugin.reference)", ""]
        let options = labelled(plugin)
        guard !options.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["| option | type | default | provenance | |", "|---|---|---|---|---|"]
        for (name, param) in options {
            let kind = [typeName(of: param), param.range, param.unit].compactMap { $0 }.joined(separator: ", ")
            let value = param.isRest ? "" : param.defaultValue.map { "`\($0)`" } ?? "required"
            let origin = param.isRest || param.defaultValue == nil ? "" : param.provenance.rawValue
            lines.append("| `\(name)` | \(kind) | \(value) | \(origin) | \(param.help) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The plugins of one kind, one per line.
    public static func text(forKind kind: String, in registry: PluginRegistry = .shared) throws -> String {
        TextTable.text(try registry.names(of: kind).map { [$0, try registry.find(kind: kind, name: $0).summary] })
    }

    /// The help for a plugin or kind in any spelling ("nt_xent", "loss.nt_xent", "kit.loss.nt_xent", "loss"), or for a
    /// type of object or a method ("tensor", "tensor:mean", "mean"), or for an option of any plugin ("mel").
    ///
    /// - Parameters:
    ///   - name: any of its spellings.
    ///   - others: names that the caller knows in addition, for the message about an unknown name.
    ///   - registry: the plugins to search.
    public static func text(
        named name: String, beside others: [String] = [], in registry: PluginRegistry = .shared
    ) throws -> String {
        let words = name.split { $0 == "." || $0 == ":" }.map(String.init).drop { $0 == "kit" }
        guard let first = words.first, let last = words.last, words.count <= 3 else {
            throw KitError.usage(
                "help: expected a name such as 'loss', 'loss.nt_xent' or 'loss.nt_xent.temperature', "
                    + "but was given '\(name)'")
        }
        if words.count == 3 {
            let plugin = try registry.find(kind: first, name: words[words.startIndex + 1])
            return try text(forOption: last, of: plugin)
        }
        if words.count == 2 {
            if let type = ScriptTypes.find(first), let method = type.scriptMethods.first(where: { $0.name == last }) {
                return text(for: method, of: type)
            }
            let plugins = registry.kinds.contains(first) ? [] : registry.all.filter { $0.name == first }
            if plugins.count == 1,
                ScriptTypes.find(first) == nil || plugins[0].options.contains(where: { $0.name == last })
            {
                return try text(forOption: last, of: plugins[0])
            }
            if let type = ScriptTypes.find(first), !registry.names(of: first).contains(last) {
                let known = type.scriptMethods.map(\.name).filter { !$0.hasPrefix("__") } + registry.names(of: first)
                let hint = NearestName.hint(last, in: known)
                let list = " (there are: \(known.joined(separator: ", ")))"
                throw KitError.usage("help: \(first) has no '\(last)'\(hint.isEmpty ? list : hint)")
            }
            return text(for: try registry.find(kind: first, name: last))
        }
        var found = registry.kinds.contains(first) ? [try text(forKind: first, in: registry)] : []
        found += registry.all.filter { $0.name == first }.map(text(for:))
        if let type = ScriptTypes.find(first), !(type is any Plugin.Type) { found.append(text(for: type)) }
        for type in ScriptTypes.all {
            found += type.scriptMethods.filter { $0.name == first }.map { text(for: $0, of: type) }
        }
        if found.isEmpty {
            let owners = registry.all.filter { $0.options.contains { $0.name == first && !$0.param.isRest } }
            if !owners.isEmpty {
                let others = owners.dropFirst(5).map(\.qualifiedName)
                let rest = others.isEmpty ? [] : ["also an option of \(others.joined(separator: ", "))"]
                return (try owners.prefix(5).map { try text(forOption: first, of: $0) } + rest).joined(
                    separator: "\n\n")
            }
            let known =
                registry.kinds + registry.all.map { $0.name } + ScriptTypes.all.map { $0.scriptTypeName } + others
            let hint = NearestName.hint(first, in: known)
            throw KitError.usage("help: nothing is called '\(name)'\(hint.isEmpty ? PluginFile.absence : hint)")
        }
        return found.joined(separator: "\n\n")
    }

    /// One option of a plugin as text.
    private static func text(forOption name: String, of plugin: PluginDeclaration) throws -> String {
        guard let param = plugin.options.first(where: { $0.name == name && !$0.param.isRest })?.param else {
            let names = plugin.options.filter { !$0.param.isRest }.map(\.name)
            let known = names.isEmpty ? "it takes no options" : "it takes: \(names.joined(separator: ", "))"
            throw KitError.usage(
                "help: \(plugin.qualifiedName) has no option '\(name)'\(NearestName.hint(name, in: names)) (\(known))")
        }
        return "\(plugin.qualifiedName) { \(name) }\n\n  \(line(for: param))"
    }

    /// One option in a line: "number; 0.001 to 100.0; default 0.1 (inferred). Divides the cosine similarities."
    package static func line(for param: any AnyOption) -> String {
        "\(facts(of: param).joined(separator: "; ")). \(param.help)"
    }

    /// The options by the names that help shows. The one that takes all other keys is called "any key".
    private static func labelled(_ plugin: PluginDeclaration) -> [(name: String, param: any AnyOption)] {
        plugin.options.map { ($0.param.isRest ? "any key" : $0.name, $0.param) }
    }

    /// "kit.loss.nt_xent { temperature = 0.1 }": a call with the required options and the first few others.
    private static func usage(of plugin: PluginDeclaration) -> String {
        if let called = plugin.type as? any CalledWithArguments.Type {
            return "\(plugin.qualifiedName)(\(called.arguments.joined(separator: ", ")), { option = value, ... })"
        }
        let options = plugin.options
        let required = options.filter { $0.param.defaultValue == nil }
        let shown = required + options.filter { $0.param.defaultValue != nil }.prefix(max(0, 3 - required.count))
        let fields = shown.map { name, param in
            param.isRest ? "key = value, ..." : param.isPositional ? "..." : "\(name) = \(param.defaultValue ?? "...")"
        }
        let rest = shown.count < options.count ? ", ..." : ""
        return fields.isEmpty
            ? "\(plugin.qualifiedName) {}" : "\(plugin.qualifiedName) { \(fields.joined(separator: ", "))\(rest) }"
    }

    private static func typeName(of param: any AnyOption) -> String {
        param.isRest ? OptionValue.optionTypeName : param.typeName
    }

    private static func facts(of param: any AnyOption) -> [String] {
        var facts = [typeName(of: param)]
        if let range = param.range { facts.append(range) }
        if let unit = param.unit { facts.append("in \(unit)") }
        if !param.isRest {
            facts.append(param.defaultValue.map { "default \($0) (\(param.provenance.rawValue))" } ?? "required")
        }
        return facts
    }
}
