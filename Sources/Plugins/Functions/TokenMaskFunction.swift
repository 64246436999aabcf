import Kit

/// `kit.token_mask { batch = 8, tokens = 196, keep = 49 }`.
struct TokenMaskFunction: Function {
    static let name = "token_mask"
    static let summary =
        "Chooses at random which tokens of each sample an encoder sees. In kit.train, the choice depends on the seed, the step and the sample's place in the batch; a resumed run repeats it."
    static let reference =
        "He et al. 2022, Masked autoencoders are scalable vision learners, section 3 (random sampling without replacement)"
    static let returns: any OptionConvertible.Type = TokenMask.self

    @Param("The number of tokens of a sample.") var tokens: Int
    @Param("The number of samples; not with places.", from: .ours) var batch: Int? = nil
    @Param("The number of tokens of each sample that are seen; not with places.", from: .ours)
    var keep: Int? = nil
    @Param(
        "The tokens that are seen instead of random ones: a list of places for each sample, counted from 1.",
        from: .ours)
    var places: [[Int]]? = nil

    func validate() throws {
        guard places == nil ? batch != nil && keep != nil : batch == nil && keep == nil else {
            throw KitError.usage("give options 'batch' and 'keep', or 'places'")
        }
    }

    func construct() throws -> Any {
        if let places {
            // An index that overflows is outside the tokens as well.
            return try TokenMask(places.map { $0.map { $0 &- 1 } }, tokens: tokens)
        }
        return try TokenMask.ofStep(batch: batch ?? 0, tokens: tokens, keep: keep ?? 0)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TokenMaskFunction.self) }
