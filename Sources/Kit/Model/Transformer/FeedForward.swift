import KitCore
import KitTensor

/// Two linear layers with a GELU between them, for each token: [.., width] to [.., width].
public final class FeedForward: Module {
    let widen: Linear
    let narrow: Linear

    /// - Parameters:
    ///   - width: features of a token.
    ///   - hidden: features between the layers.
    ///   - names: the names of the two layers.
    ///   - initialiser: initialises the weights; see `Linear`.
    ///   - random: the stream for fresh weights.
    public init(
        _ width: Int, hidden: Int, names: (String, String) = ("fc1", "fc2"), initialiser: Initialiser = .uniformFanIn,
        _ random: inout RandomStream
    ) {
        widen = Linear(width, hidden, initialiser: initialiser, &random)
        narrow = Linear(hidden, width, initialiser: initialiser, &random)
        super.init()
        widen.feedsProducts = true
        register(names.0, widen)
        register(names.1, narrow)
    }

    public override func forward(_ input: Tensor) throws -> Tensor { try narrow(widen(input).gelu()) }

    public override var summary: String { "FeedForward(\(widen.weight.shape[1]) -> \(widen.weight.shape[0]))" }
}
