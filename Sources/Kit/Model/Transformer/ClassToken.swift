import KitCore
import KitTensor

/// Trained tokens that are put before those of each sample: [batch, tokens, width] to [batch, count + tokens, width]
/// (Devlin et al. 2019, "BERT").
public final class ClassToken: Module {
    /// [1, count, width].
    private let token: Tensor
    /// The number of its tokens.
    public var count: Int { token.shape[1] }

    /// - Parameters:
    ///   - width: features of a token.
    ///   - count: the number of tokens.
    ///   - random: the stream for fresh weights.
    public init(_ width: Int, count: Int = 1, _ random: inout RandomStream) {
        token = Initialiser.normal(0.02).tensor([1, count, width], &random)
        super.init()
        register(parameter: "cls_token", token)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank == 3, input.shape[2] == token.shape[2] else {
            throw KitError.usage(
                "class token: expected [batch, tokens, features \(token.shape[2])], given \(input.shape)")
        }
        let tokens = try token.broadcast(to: [input.shape[0], token.shape[1], token.shape[2]])
        return try Tensor.concat([tokens, input], axis: 1)
    }

    public override var summary: String { "ClassToken(\(token.shape[1]) x \(token.shape[2]))" }
}
