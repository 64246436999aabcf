extension Plugin {
    /// The plugin as a recipe would write it: "kit.optimizer.adamw { learning_rate = 0.001, weight_decay = 0.0001 }",
    /// or only its name if it has no options.
    public var settings: String {
        let options = declaredOptions.map { "\($0.name) = \($0.param.currentText ?? "nil")" }
        return options.isEmpty ? qualifiedName : "\(qualifiedName) { \(options.joined(separator: ", ")) }"
    }
}
