import Kit

/// `kit.recipe { data = "samples/movies", batch = 24, seed = 7 }`: the keys of a recipe, which `--set` can change.
struct Recipe: Function {
    static let name = "recipe"
    static let summary = """
        Declares the keys of a recipe with their values and returns the values for this run: those of the \
        command line, else of the environment (DUBKIT_<KEY>), else of the recipe. `seed` decides all randomness \
        without a seed of its own: weights, random tensors, samplers, Lua's own.
        """
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Options.self

    @Param(
        rest: """
            Any key with its value. { 24, "clips in a batch" } or { 24, "clips in a batch", from = "paper" } documents a \
            value; `type`, `range` and `choices` limit it. 24 alone takes integers, 24.0 or type = "number" any number. \
            { default = 24, help = "..." } gives a value that the user's configuration file outranks. Two strings alone, \
            as { "en", "es" }, are a list.
            """)
    var keys: NamedOption<OptionValue>

    func construct() throws -> Any {
        let configuration = Session.current.configuration
        try configuration.declare(keys.entries.map { try RecipeKey($0.name, $0.value).declaration })
        guard case .int(let seed)? = configuration["seed"]?.value else {
            throw KitError.usage("key 'seed' must be an integer")
        }
        WeightSeed.reset(seed)
        StepRandom.begin(seed: seed, step: 0)
        try LuaCore.running?.onSeed(seed)
        if configuration.stopsWhenResolved { LuaCore.running?.stop() }
        return RecipeValues(configuration)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Recipe.self) }
