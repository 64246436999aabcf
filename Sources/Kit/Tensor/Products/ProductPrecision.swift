import KitCore

/// The arithmetic of matrix products: the type of the factors, and the type in which products are added.
///
/// An op reads `current` once, when it is called, and passes it to each product of its forward and backward pass.
/// Losses always ask for `float32`.
public enum ProductPrecision: String, ChoiceOption, Hashable, Sendable {
    /// Factors and sums in float32.
    case float32
    /// Factors rounded to bfloat16 (to nearest, ties to even), products and sums in float32. The factors are those of
    /// each product that an op's definition names: weights, activations and their gradients. Minimal filtering, which
    /// would round sums of activations, is not used.
    ///
    /// Each sum starts at 0 and takes the products in the order of the inner axis, in blocks that depend only on the
    /// extents. Processors with instructions for pairs of bfloat16 values add the second product of a pair before the
    /// first one, and take factors below 2^-126 for 0. Tile units add the first and the second products of 16 pairs
    /// apart from each other, then both to the sum, and also take sums below 2^-126 for 0.
    case bfloat16

    /// The arithmetic of the convolutions, linear layers and recurrences that the calling thread runs.
    public static var current: ProductPrecision { isNarrow.isSet ? .bfloat16 : .float32 }

    /// Runs `body`, whose ops use this arithmetic. Affects only the calling thread.
    public func used<Result>(during body: () throws -> Result) rethrows -> Result {
        try Self.isNarrow.with(self == .bfloat16, body)
    }

    private static let isNarrow = ThreadFlag()
}
