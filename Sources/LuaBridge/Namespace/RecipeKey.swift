import Kit

/// A key in a recipe: a plain value, or a table that describes it (`ValueDeclaration`).
///
///     batch = 24
///     batch = { 24, "clips in a batch" }
///     batch = { 24, "clips in a batch", from = "paper" }
///     weight = { 1, "of the second term", type = "number" }
///     scale = { "small", "size of the encoders", choices = { "paper", "small" } }
///     batch = { default = 24, help = "clips in a batch" }     -- which the user's configuration file outranks
///     tracks = { "en", "es" }                                 -- a list: two texts are never a value and its help
///     tracks = { { "en", "es" }, "who is heard" }
///     tracks = { primary = "en", secondary = "es" }           -- a table, since none of its keys is one of the above
struct RecipeKey {
    let declaration: ResolvedConfiguration.Declaration

    init(_ key: String, _ value: OptionValue) throws {
        do {
            let declared = try Self.declared(value)
            guard let value = declared.value else {
                throw KitError.usage("a key has a value, unless its type ends in \"or nil\"")
            }
            try Self.refuseFunctions(in: value)
            declaration = .init(
                key, value, isDefault: declared.isNamedDefault, from: declared.provenance, as: declared.makeParam(),
                isTypeStated: declared.isTypeStated)
        } catch let error as KitError {
            throw error.prefixed("key '\(key)'")
        }
    }

    private static func declared(_ value: OptionValue) throws -> ValueDeclaration {
        switch value {
        case .table(let options) where isDocumented(options): return try ValueDeclaration(options)
        case .list(let items) where isDocumented(items): return try ValueDeclaration(Options(list: items))
        // An empty list: the command line can fill it with strings.
        case .list(let items) where items.isEmpty:
            return try ValueDeclaration(Options(named: [("type", .string("list of strings"))], list: [value]))
        default: return try ValueDeclaration(plain: value)
        }
    }

    /// A table that is a value may have any keys except those of a declaration.
    private static func isDocumented(_ options: Options) -> Bool {
        !options.list.isEmpty
            || options.named.contains { ["default", "help", "choices", "from", "was"].contains($0.key) }
    }

    /// A value followed by a sentence. Two strings are a list, as in `{ "en", "es" }`, because the two cases look the
    /// same.
    private static func isDocumented(_ items: [OptionValue]) -> Bool {
        guard items.count == 2, case .string = items[1] else { return false }
        if case .string = items[0] { return false }
        return true
    }

    private static func refuseFunctions(in value: OptionValue) throws {
        switch value {
        case .object(is any ScriptFunction):
            throw KitError.usage(
                "a function is not a value: --set cannot change it and a run folder cannot record it; define it outside of "
                    + "kit.recipe")
        case .list(let items): for item in items { try refuseFunctions(in: item) }
        case .table(let options):
            for item in options.list + options.named.map(\.value) { try refuseFunctions(in: item) }
        default: break
        }
    }
}
