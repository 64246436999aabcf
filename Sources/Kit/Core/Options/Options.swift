/// The table that a recipe hands to a constructor: named values and a list part.
public struct Options {
    public var named: [(key: String, value: OptionValue)]
    public var list: [OptionValue]

    public init(named: [(key: String, value: OptionValue)] = [], list: [OptionValue] = []) {
        self.named = named
        self.list = list
    }

    /// Sets the parameters of a plugin. Throws on an unknown key, a value that does not fit, or a missing required one.
    package func assign(to plugin: any Plugin) throws {
        let rest = plugin.parameters.first { $0.param.isRest }
        let parameters = plugin.parameters.filter { !$0.param.isRest }
        let names = parameters.map(\.name)
        let known = names.isEmpty ? "it takes no options" : "it takes: \(names.joined(separator: ", "))"
        var others = Options()
        for (key, value) in named {
            guard let parameter = parameters.first(where: { $0.name == key }) else {
                if rest != nil {
                    others.named.append((key, value))
                    continue
                }
                throw KitError.usage("unknown option '\(key)'\(NearestName.hint(key, in: names)) (\(known))")
            }
            try Self.set(parameter, to: value)
        }
        if let rest { try Self.set(rest, to: .table(others)) }
        if !list.isEmpty {
            guard let positional = parameters.first(where: { $0.param.isPositional }) else {
                throw KitError.usage("takes named options only, but was given a list of \(list.count) (\(known))")
            }
            try Self.set(positional, to: .list(list))
        }
        if let missing = parameters.first(where: { !$0.param.isSet }) {
            throw KitError.usage(
                "option '\(missing.name)' (\(missing.param.typeName)) is required: \(missing.param.help)")
        }
    }

    private static func set(_ parameter: (name: String, param: any AnyParam), to value: OptionValue) throws {
        do {
            try parameter.param.set(value)
        } catch let mismatch as OptionMismatch {
            throw KitError.usage(mismatch.message("option '\(parameter.name)'", value))
        }
    }
}
