import KitCore
import KitTensor

/// A trained vector for each token, which is added: [batch, tokens, width] to the same (Dosovitskiy et al. 2021, "An image
/// is worth 16x16 words").
public final class LearnedPositions: Module {
    /// [1, tokens, width].
    public let table: Tensor

    /// - Parameters:
    ///   - grid: the extents of the tokens' grid, outermost axis first, or their number.
    ///   - width: features of a token.
    ///   - random: the stream for fresh weights.
    public init(grid: [Int], _ width: Int, _ random: inout RandomStream) {
        table = Initialiser.normal(0.02).tensor([1, Shape.product(grid), width], &random)
        super.init()
        register(parameter: "position_embeddings", table, positions: .places(grid: grid, leading: 0))
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank == 3, input.shape[1] == table.shape[1], input.shape[2] == table.shape[2] else {
            throw KitError.usage(
                "positions: expected [batch, tokens \(table.shape[1]), features \(table.shape[2])], given \(input.shape)"
            )
        }
        return try input + table
    }

    public override var summary: String { "LearnedPositions(\(table.shape[1]) x \(table.shape[2]))" }
}
