import Foundation
import KitCore

/// `config.resolved.json`: every key of the recipe and every option of the run, with its value, its origin and the
/// provenance of a default.
package struct ConfigurationFacts: Codable {
    package static let fileName = "config.resolved.json"

    package struct Entry: Codable {
        package let value: String
        /// "command line", "environment", "recipe", "user file" or "default".
        package let origin: String
        /// "paper-stated", "inferred"...; nil for a value that was chosen for this run.
        package let provenance: String?
    }

    /// The keys that `kit.recipe` declared.
    package let recipe: [String: Entry]
    /// The options of kit.train, the optimizer, the schedule and the evaluation, by the plugin's full name.
    package let plugins: [String: [String: Entry]]
    /// Former names of keys and options with today's, by the plugin's full name; the recipe's keys under "". Not written.
    private var formerNames: [String: [String: String]] = [:]

    private enum CodingKeys: CodingKey { case recipe, plugins }

    /// - Parameters:
    ///   - configuration: the recipe's keys with their values.
    ///   - used: the plugins whose options are recorded.
    ///   - groups: the groups of parameters, recorded as "kit.train group 1" and so on.
    init(_ configuration: ResolvedConfiguration, plugins used: [any Plugin], groups: [ParameterGroup] = []) {
        recipe = Dictionary(
            uniqueKeysWithValues: configuration.entries.map { entry in
                let facts = Entry(
                    value: entry.value.optionText, origin: entry.origin.rawValue, provenance: entry.provenance?.rawValue
                )
                return (entry.key, facts)
            })
        plugins = Dictionary(
            used.map { ($0.qualifiedName, Self.options(of: $0)) }
                + groups.enumerated().map { ("kit.train group \($0 + 1)", Self.options(of: $1)) },
            uniquingKeysWith: { first, _ in first })
        for plugin in used {
            for (name, param) in plugin.declaredOptions {
                if let former = param.formerName { formerNames[plugin.qualifiedName, default: [:]][former] = name }
            }
        }
        for entry in configuration.entries {
            if let former = entry.declaration.formerKey { formerNames["", default: [:]][former] = entry.key }
        }
    }

    /// The recipe's keys with their values as `key=value` writes them: strings without quotes, lists with commas. Left out
    /// are values that have no such form: tables, and lists of texts with commas.
    package var overrides: [(key: String, text: String)] {
        recipe.sorted { $0.key < $1.key }.compactMap { key, entry in Self.plainText(entry.value).map { (key, $0) } }
    }

    /// Reads the file of a run folder.
    package static func read(_ folder: String, _ files: any FileSystem) throws -> ConfigurationFacts {
        let path = "\(folder)/\(fileName)"
        do {
            return try JSONDecoder().decode(ConfigurationFacts.self, from: try files.read(path))
        } catch let error as DecodingError {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.reason)")
        }
    }

    private static func plainText(_ value: String) -> String? {
        func unquoted(_ text: some StringProtocol) -> String {
            text.count >= 2 && text.first == "\"" && text.last == "\""
                ? String(text.dropFirst().dropLast()) : String(text)
        }
        guard value.hasPrefix("{"), value.hasSuffix("}") else { return unquoted(value) }
        let inside = value.dropFirst().dropLast().trimmingCharacters(in: [" "])
        guard !inside.contains("{"), !inside.contains(" = ") else { return nil }
        let items = inside.components(separatedBy: ", ").map(unquoted)
        return items.contains { $0.contains(",") } ? nil : items.joined(separator: ",")
    }

    /// "'learning_rate' of kit.optimizer.sgd is 0.1, but was 0.01 in the run so far", for each value that differs.
    func changes(since before: ConfigurationFacts) -> [String] {
        func shown(_ entry: Entry?) -> String { entry.flatMap { $0.value == "nil" ? nil : $0.value } ?? "not set" }
        func differences(_ now: [String: Entry], _ before: [String: Entry], of owner: String) -> [String] {
            func isSame(_ key: String) -> Bool {
                // An earlier version of the kit may lack an option; then its default is what was.
                if before[key] == nil, now[key]?.origin == "default" { return true }
                return shown(now[key]) == shown(before[key])
            }
            return Set(now.keys).union(before.keys).sortedByBytes().filter { !isSame($0) }.map { key in
                "'\(key)' of \(owner) is \(shown(now[key])), but was \(shown(before[key])) in the run so far"
            }
        }
        func current(_ entries: [String: Entry], _ owner: String) -> [String: Entry] {
            Dictionary(
                entries.map { (formerNames[owner]?[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { _, last in last }
            )
        }
        return differences(recipe, current(before.recipe, ""), of: "the recipe")
            + Set(plugins.keys).union(before.plugins.keys).sorted().flatMap { name in
                differences(plugins[name] ?? [:], current(before.plugins[name] ?? [:], name), of: name)
            }
    }

    private static func options(of group: ParameterGroup) -> [String: Entry] {
        func chosen(_ value: String) -> Entry { Entry(value: value, origin: "recipe", provenance: nil) }
        let own = [
            "pattern": chosen("\"\(group.pattern.text)\""),
            "optimizer": chosen(group.optimizer.declaration.qualifiedName),
            "schedule": chosen(group.factor?.text ?? "that of the run"),
        ]
        return own.merging(options(of: group.optimizer)) { first, _ in first }
    }

    private static func options(of plugin: any Plugin) -> [String: Entry] {
        let entries = plugin.declaredOptions.filter { $0.param.isPlain }.map { name, param in
            let isDefault = param.currentText == param.defaultValue
            return (
                name,
                Entry(
                    value: param.currentText ?? "nil", origin: isDefault ? "default" : "recipe",
                    provenance: isDefault ? param.provenance.rawValue : nil)
            )
        }
        return Dictionary(uniqueKeysWithValues: entries)
    }
}

extension AnyOption {
    /// Whether the value is plain. Values with native objects are recorded elsewhere.
    fileprivate var isPlain: Bool {
        switch currentValue {
        case .object, .table, .list: false
        default: true
        }
    }
}
