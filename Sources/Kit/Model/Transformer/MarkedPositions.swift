import KitCore
import KitTensor

/// Positions, and a trained vector that is added to all tokens and tells them from those of another modality (Gong et al.
/// 2023, "Contrastive audio-visual masked autoencoder").
public final class MarkedPositions: Module {
    private let positions: Module
    private let modality: Tensor

    public init(_ positions: Module, _ width: Int, _ random: inout RandomStream) {
        self.positions = positions
        modality = Initialiser.normal(0.02).tensor([width], &random)
        super.init()
        register(parameter: "modality", modality)
        register("positions", positions)
    }

    public override func forward(_ input: Tensor) throws -> Tensor { try positions(input) + modality }

    public override var summary: String { "MarkedPositions(\(modality.count))" }
}
