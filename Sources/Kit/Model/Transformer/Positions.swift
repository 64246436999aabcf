import Glibc
import KitCore
import KitTensor

/// A trained vector for each token, which is added: [batch, tokens, width] to the same (Dosovitskiy et al. 2021, "An image
/// is worth 16x16 words").
public final class LearnedPositions: Module {
    /// [1, tokens, width].
    public let table: Tensor

    public init(_ tokens: Int, _ width: Int, _ random: inout RandomStream) {
        table = Initialiser.normal(0.02).tensor([1, tokens, width], &random)
        super.init()
        register(parameter: "position_embeddings", table)
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

extension Tensor {
    /// Positions that are not trained, [tokens, width]: sines at even features and cosines at odd ones, of wavelengths
    /// from 2 π to 20,000 π (Vaswani et al. 2017, section 3.5).
    public static func sinePositions(_ tokens: Int, _ width: Int) -> Tensor {
        let result = Tensor(uninitialized: [tokens, width])
        for token in 0..<tokens {
            for feature in 0..<width {
                let angle = Double(token) / pow(10_000, Double(feature / 2 * 2) / Double(width))
                result.pointer[token * width + feature] = Float(feature % 2 == 0 ? Glibc.sin(angle) : Glibc.cos(angle))
            }
        }
        return result
    }
}
