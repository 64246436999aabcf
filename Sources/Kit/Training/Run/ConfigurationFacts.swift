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
    ///   - plugins: the plugins whose options are recorded.
    init(_ configuration: ResolvedConfiguration, plugins used: [any Plugin]) {
        recipe = Dictionary(
            uniqueKeysWithValues: configuration.entries.map { entry in
                let facts = Entry(
                    value: entry.value.optionText, origin: entry.origin.rawValue, provenance: entry.provenance?.rawValue
                )
                return (entry.key, facts)
            })
        plugins = Dictionary(
            used.map { ($0.qualifiedName, Self.options(of: $0)) },
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

    /// "'learning_rate' of kit.optimizer.sgd is 0.1, but was 0.01 in the run so far", for each value that differs.
    func changes(since before: ConfigurationFacts) -> [String] {
        func differences(_ now: [String: Entry], _ before: [String: Entry], of owner: String) -> [String] {
            Set(now.keys).union(before.keys).sortedByBytes().filter { now[$0]?.value != before[$0]?.value }.map { key in
                "'\(key)' of \(owner) is \(now[key]?.value ?? "not set"), "
                    + "but was \(before[key]?.value ?? "not set") in the run so far"
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
