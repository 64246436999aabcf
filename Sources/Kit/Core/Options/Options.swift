/// The table that a recipe passes to a constructor: named values and a list part.
public struct Options {
    public var named: [(key: String, value: OptionValue)]
    public var list: [OptionValue]

    public init(named: [(key: String, value: OptionValue)] = [], list: [OptionValue] = []) {
        self.named = named
        self.list = list
    }

    /// Sets the options of a plugin. Throws on an unknown key, a value that does not fit, or a missing required one.
    package func assign(to plugin: any Plugin) throws {
        let rest = plugin.declaredOptions.first { $0.param.isRest }
        let options = plugin.declaredOptions.filter { !$0.param.isRest }
        let names = options.map(\.name)
        let known = names.isEmpty ? "it takes no options" : "it takes: \(names.joined(separator: ", "))"
        var others = Options()
        for (key, value) in named {
            if let option = options.first(where: { $0.name == key }) {
                try Self.set(option, to: value)
            } else if let option = options.first(where: { $0.param.formerName == key }) {
                guard !named.contains(where: { $0.key == option.name }) else {
                    throw KitError.usage("option '\(option.name)' is given twice: '\(key)' is its former name")
                }
                FormerNames.notice("\(plugin.qualifiedName): option '\(key)'", isNow: option.name)
                try Self.set(option, to: value)
            } else if rest != nil {
                others.named.append((key, value))
            } else {
                throw KitError.usage("unknown option '\(key)'\(ForeignOptions.hint(key, in: names)) (\(known))")
            }
        }
        if let rest { try Self.set(rest, to: .table(others)) }
        if !list.isEmpty {
            guard let positional = options.first(where: { $0.param.isPositional }) else {
                throw KitError.usage("takes named options only, but was given a list of \(list.count) (\(known))")
            }
            try Self.set(positional, to: .list(list))
        }
        if let missing = options.first(where: { !$0.param.isSet }) {
            throw KitError.usage(
                "option '\(missing.name)' (\(missing.param.typeName)) is required: \(missing.param.help)")
        }
    }

    private static func set(_ option: (name: String, param: any AnyOption), to value: OptionValue) throws {
        do {
            try option.param.set(value)
        } catch let mismatch as OptionMismatch {
            throw KitError.usage(mismatch.message("option '\(option.name)'", value))
        }
    }
}
