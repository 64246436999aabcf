import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PositionsLayer.self) }

/// The layers `LearnedPositions` and `SinePositions` for recipes.
struct PositionsLayer: Layer {
    static let name = "positions"
    static let summary =
        "Adds a vector for each place of a token, trained or of sines: [batch, tokens, width] to the same."
    static let reference =
        "Dosovitskiy et al. 2021 (learned); Vaswani et al. 2017, section 3.5 (sine); He et al. 2022, Masked autoencoders, the authors' code (sine in a grid)"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param(
        "The number of tokens, or the extents of their grid, outermost first: for sines in a grid, each axis has its share of the features, the innermost axis first, sines before cosines."
    )
    var grid: OneOrMore<Int>
    @Param(
        "Learned (normal with standard deviation 0.02 at first), or sines and cosines, which are not trained.",
        from: .ours)
    var kind: Kind = .learned

    @Param(
        "Whether to add one more trained vector to all tokens, which tells them from those of another modality.",
        from: .ours)
    var modality: Bool = false

    enum Kind: String, CaseIterable, ChoiceOption { case learned, sine }

    init() {}

    func validate() throws {
        try LayerWidth.check(width.value, "width")
        guard 1...3 ~= grid.values.count, grid.values.allSatisfy((1...1 << 20).contains) else {
            throw KitError.usage(
                "option 'grid' must be one to three extents of 1 to \(1 << 20), but is \(grid.optionText)")
        }
        let step = 2 * grid.values.count
        guard kind == .learned || grid.values.count == 1 || width.value % step == 0 else {
            throw KitError.usage(
                "option 'width' must be a multiple of \(step) for sines along \(counted(grid.values.count, "axis", "axes")), such as "
                    + "\(max(step, width.value / step * step)), but is \(width.value)")
        }
        guard Shape.product(grid.values + [width.value]) <= 1 << 28 else {
            throw KitError.usage("a table of \(Shape.product(grid.values)) positions x \(width.value) is too large")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        let positions: Module =
            kind == .sine
            ? SinePositions(grid: grid.values, width.value)
            : LearnedPositions(grid: grid.values, width.value, &random)
        return modality ? MarkedPositions(positions, width.value, &random) : positions
    }
}
