import Kit

/// `kit.recipe { data = "samples/movies", batch = 24, seed = 7 }`: the keys of a recipe, which `--set` can change.
struct Recipe: Function {
    static let name = "recipe"
    static let summary = """
        Declares the keys of a recipe with their values and returns the values that hold for this run: those of the \
        command line, else of the environment (DUBKIT_<KEY>), else of the recipe. `seed` decides all randomness \
        that has no seed of its own: weights, random tensors, samplers, Lua's own.
        """
    static let source = "This kit."
    static let returns = "table"

    @Param(
        rest: """
            Any key with its value. { 24, "clips in a batch", from = "paper" } documents a value; \
            { default = 24, help = "..." } gives one that the user's configuration file outranks.
            """)
    var keys: Named<OptionValue>

    func construct() throws -> Any {
        let configuration = ResolvedConfiguration.current
        try configuration.declare(keys.entries.map { try Self.declaration($0.name, $0.value) })
        guard case .int(let seed)? = configuration["seed"]?.value else {
            throw KitError.usage("key 'seed' must be an integer")
        }
        WeightSeed.reset(UInt64(bitPattern: Int64(seed)))
        StepRandom.begin(seed: UInt64(bitPattern: Int64(seed)), step: 0)
        try LuaCore.running?.onSeed(seed)
        if configuration.stopsWhenResolved { LuaCore.running?.stop() }
        return RecipeValues(configuration)
    }

    /// A key as the recipe writes it: a plain value, or a table that also has `default`, `help` or `from`.
    private static func declaration(_ key: String, _ value: OptionValue) throws -> ResolvedConfiguration.Declaration {
        let words = ["default", "help", "from"]
        guard case .table(let options) = value, options.named.allSatisfy({ words.contains($0.key) }) else {
            return .init(key, value)
        }
        let named = Dictionary(uniqueKeysWithValues: options.named.map { ($0.key, $0.value) })
        guard let own = options.list.first ?? named["default"], options.list.count <= 2 else {
            throw KitError.usage(
                "key '\(key)': write { value, \"help\", from = \"paper\" } or { default = value, help = \"...\" }")
        }
        let help = try (options.list.count > 1 ? options.list[1] : named["help"]).map {
            try text($0, "the help of key '\(key)'")
        }
        let provenance = try named["from"].map { try Self.provenance($0, key) }
        return .init(key, own, isDefault: options.list.isEmpty, help: help, from: provenance)
    }

    private static func provenance(_ value: OptionValue, _ key: String) throws -> Provenance {
        let word = try text(value, "'from' of key '\(key)'")
        let words = Provenance.allCases.map { "\($0)".snakeCased }
        guard let position = words.firstIndex(of: word) else {
            throw KitError.usage(
                "'from' of key '\(key)' must be one of \(words.joined(separator: ", ")), but is \"\(word)\""
                    + NearestName.hint(word, in: words))
        }
        return Provenance.allCases[position]
    }

    private static func text(_ value: OptionValue, _ place: String) throws -> String {
        guard case .string(let text) = value else {
            throw KitError.usage("\(place) must be a string, but is \(value.givenText)")
        }
        return text
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Recipe.self) }
