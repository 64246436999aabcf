extension Plugin {
    /// The plugin as a recipe would write it: "kit.optimizer.adamw { rate = 0.001, weight_decay = 0.0001 }"; its name alone if it
    /// has no options.
    public var settings: String {
        let options = parameters.map { "\($0.name) = \($0.param.currentText ?? "nil")" }
        return options.isEmpty ? qualifiedName : "\(qualifiedName) { \(options.joined(separator: ", ")) }"
    }
}
