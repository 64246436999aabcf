/// The arithmetic of matrix products: the type of the factors, and the type in which products are added.
///
/// An op reads `current` once, when it is called, and passes it to each product of its forward and backward pass.
/// Losses always ask for `float32`.
///
/// A second case, such as bfloat16 factors with float32 sums, needs:
/// 1. an engine behind each `switch` in `Gemm`, defined in C for every instruction set, so that any processor can test it;
/// 2. its order in memory in `PackedFactor`, whose storage may then hold narrower elements;
/// 3. `current` set for a thread during a call, as `PackedWeights` is, from a key of the recipe;
/// 4. a look at `convolutionMethod`: minimal filtering adds before it multiplies, which costs digits.
public enum ProductPrecision: Hashable, Sendable {
    /// Factors and sums in float32.
    case float32

    /// The arithmetic of the ops that the calling thread runs.
    static var current: ProductPrecision { .float32 }
}
