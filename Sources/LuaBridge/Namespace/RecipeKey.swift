import Kit

/// A key as a recipe writes it: a plain value, or a table that says more about it.
///
///     batch = 24
///     batch = { 24, "clips in a batch" }
///     batch = { 24, "clips in a batch", from = "paper" }
///     scale = { "small", "size of the encoders", choices = { "paper", "small" } }
///     batch = { default = 24, help = "clips in a batch" }     -- which the user's configuration file outranks
///     tracks = { "en", "es" }                                 -- a list: two texts are never a value and its help
///     tracks = { { "en", "es" }, "who is heard" }
///     tracks = { primary = "en", secondary = "es" }           -- a table, since none of its keys is one of the above
struct RecipeKey {
    let declaration: ResolvedConfiguration.Declaration

    init(_ key: String, _ value: OptionValue) throws {
        try Self.refuseFunctions(in: value, key)
        let fields = RecipeKeyFields()
        let names = fields.parameters.filter { !$0.param.isPositional }.map(\.name)
        switch value {
        case .table(let options)
        where !options.list.isEmpty || options.named.contains(where: { names.contains($0.key) }):
            do { try options.assign(to: fields) } catch let error as KitError {
                // Its fields are no options.
                throw KitError.usage("key '\(key)': \(error.text.replacing("option ", with: "", maxReplacements: 1))")
            }
        case .list(let items) where Self.isDocumented(items):
            fields.list = items
        default:
            declaration = .init(key, value)
            return
        }
        guard let own = fields.list.first ?? fields.default, fields.list.count <= 2 else {
            throw KitError.usage(
                "key '\(key)': write { value, \"help\", from = \"paper\" } or { default = value, help = \"...\" }; a value "
                    + "that is a list or table stands in braces of its own")
        }
        var help = fields.help
        if fields.list.count == 2 {
            guard case .string(let text) = fields.list[1] else {
                throw KitError.usage("the help of key '\(key)' must be a string, but is \(fields.list[1].givenText)")
            }
            help = text
        }
        declaration = .init(
            key, own, isDefault: fields.list.isEmpty, help: help, from: fields.from?.provenance, choices: fields.choices
        )
    }

    /// A value with a sentence behind it. Two texts are a list, as in `{ "en", "es" }`: which is meant cannot be seen.
    private static func isDocumented(_ items: [OptionValue]) -> Bool {
        guard items.count == 2, case .string = items[1] else { return false }
        if case .string = items[0] { return false }
        return true
    }

    private static func refuseFunctions(in value: OptionValue, _ key: String) throws {
        switch value {
        case .object(is any ScriptFunction):
            throw KitError.usage(
                "key '\(key)' holds a function, which --set cannot change and a run folder cannot keep: define it outside "
                    + "of kit.recipe")
        case .list(let items): for item in items { try refuseFunctions(in: item, key) }
        case .table(let options):
            for item in options.list + options.named.map(\.value) { try refuseFunctions(in: item, key) }
        default: break
        }
    }
}

/// What a table says about a key.
private struct RecipeKeyFields: Plugin {
    static let kind = "recipe"
    static let name = "key"
    static let summary = "A key of a recipe."
    static let source = "This kit."

    @Param("The value and the help.", from: .ours, positional: true) var list: [OptionValue] = []
    @Param("The value, where the user's configuration file may have another.", from: .ours)
    var `default`: OptionValue? = nil
    @Param("What the key does, in a few words.", from: .ours) var help: String? = nil
    @Param("The only values, for a string or a list of them.", from: .ours) var choices: [String]? = nil
    @Param("Where the value comes from.", from: .ours) var from: ProvenanceWord? = nil
}
