import Kit

/// `kit.random { seed = 7 }`: random numbers for a recipe, the same for the same seed.
struct RandomSource: Function {
    static let name = "random"
    static let summary = "A stream of random numbers, from which independent streams can be derived by name."
    static let source = "Philox 4x32-10 (Salmon et al. 2011)."
    static let returns: any OptionConvertible.Type = RandomNumbers.self

    @Param("Decides the numbers: the same seed gives the same ones. If left out, the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func construct() throws -> Any { RandomNumbers(RandomStream(seed: seed)) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomSource.self) }
