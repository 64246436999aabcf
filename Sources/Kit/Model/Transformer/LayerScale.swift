import KitCore
import KitTensor

/// Multiplies each feature of a residual branch by a trained factor that starts near 0 (Touvron et al. 2021, "Going deeper
/// with image transformers").
public final class LayerScale: Module {
    private let gamma: Tensor

    /// - Parameters:
    ///   - width: features of a token.
    ///   - initial: the initial factor.
    public init(_ width: Int, initial: Float) {
        gamma = Tensor(repeating: initial, [width])
        super.init()
        register(parameter: "gamma", gamma)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank > 0, input.shape[-1] == gamma.count else {
            throw KitError.usage("layer scale: expected [.., features \(gamma.count)], given \(input.shape)")
        }
        return try input * gamma
    }

    public override var summary: String { "LayerScale(\(gamma.count))" }
}
