/// A plugin as data: its name and the values of all its options, from which the same plugin can be made again.
public struct PluginRecord {
    public let kind: String
    public let name: String
    public let options: Options

    public init(kind: String, name: String, options: Options) {
        self.kind = kind
        self.name = name
        self.options = options
    }

    /// The record of a plugin. It includes the defaults, so that new defaults in a later version do not change it.
    public init(_ plugin: some Plugin) {
        kind = plugin.declaration.kind
        name = plugin.declaration.name
        options = Options(
            named: plugin.declaredOptions.compactMap { name, param in param.currentValue.map { (name, $0) } })
    }

    /// Makes the plugin. Throws if this program has no plugin of that name, or its options differ. Former names are
    /// accepted without a notice.
    public func make() throws -> any Plugin {
        try FormerNames.$areExpected.withValue(true) {
            try PluginRegistry.shared.make(kind: kind, name: name, options: options)
        }
    }
}
