extension Plugin {
    /// The plugin as a recipe would write it: "kit.optimizer.adamw { learning_rate = 0.001, weight_decay = 0.0001 }",
    /// or only its name if it has no options.
    public var settings: String { settings(as: qualifiedName) { $0.name } }

    /// The same with the names of the previous version, as in checkpoints that it wrote.
    package var formerSettings: String {
        let name = Self.formerName.map { "kit.\(declaration.kind).\($0)" }
        return settings(as: name ?? qualifiedName) { $0.param.formerName ?? $0.name }
    }

    private func settings(as name: String, key: ((name: String, param: any AnyOption)) -> String) -> String {
        let options = declaredOptions.map { "\(key($0)) = \($0.param.currentText ?? "nil")" }
        return options.isEmpty ? name : "\(name) { \(options.joined(separator: ", ")) }"
    }
}
