import Kit

/// `kit.random { seed = 7 }`: random numbers for a recipe.
struct RandomSource: Function {
    static let name = "random"
    static let summary = "A stream of random numbers, from which independent streams can be derived by name."
    static let reference = "Philox 4x32-10 (Salmon et al. 2011)."
    static let returns: any OptionConvertible.Type = RandomNumbers.self

    @Param("Seed of the numbers; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func construct() throws -> Any { RandomNumbers(RandomStream(seed: seed)) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomSource.self) }
