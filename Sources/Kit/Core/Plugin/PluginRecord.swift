/// A plugin written down: its name and the values of all its options, from which the same plugin can be made again.
public struct PluginRecord {
    public let kind: String
    public let name: String
    public let options: Options

    public init(kind: String, name: String, options: Options) {
        self.kind = kind
        self.name = name
        self.options = options
    }

    /// The record of a plugin as it stands, defaults included, so that a later version's other defaults do not change it.
    public init(_ plugin: some Plugin) {
        kind = plugin.declaration.kind
        name = plugin.declaration.name
        options = Options(
            named: plugin.parameters.compactMap { name, param in param.currentValue.map { (name, $0) } })
    }

    /// Makes the plugin. Throws if this program has none of that name, or one with other options.
    public func make() throws -> any Plugin {
        try PluginRegistry.shared.make(kind: kind, name: name, options: options)
    }
}
