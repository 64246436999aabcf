import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CLIP.self) }

/// Cross-entropy of finding each row of one view by its row of the other, both ways, over exp(logit_scale) x the cosine
/// similarity. The scale is a parameter:
///
///     local clip = kit.loss.clip {}
///     kit.train { modules = { video = video, audio = audio, clip = clip }, ... }
///
/// The value is that of `nt_xent` with `negatives = "cross"`, and memory grows with the batch, not with its square.
final class CLIP: StatefulLoss {
    static let name = "clip"
    static let summary =
        "Symmetric contrastive loss between two modalities, [batch, features] each, with a learned temperature: name it in the modules of kit.train."
    static let reference = "Radford et al. 2021 (CLIP), section 2.5 and figure 3"

    @Param("The temperature at the start.", in: 0.01...100, from: .inferred)
    var temperature: Double = 0.07

    @Param(
        "The largest scale of the similarities: 1 / the lowest temperature.", in: 0.01...1e6, from: .inferred,
        was: "greatest_scale")
    var maxScale: Double = 100

    private(set) lazy var state: Module = {
        let state = LossState(Self.name)
        state.register(parameter: "logit_scale", Tensor(Float(-log(temperature))))
        return state
    }()

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2)
        let logarithm = state.tensor("logit_scale")
        // Limited in place, as the authors do: beyond a limit inside the loss, the gradient would be 0.
        logarithm.pointer[0] = min(logarithm.pointer[0], Float(log(maxScale)))
        return try (a.l2Normalized() * logarithm.exp()).ntXent(
            with: b.l2Normalized(), temperature: 1, candidates: .otherView, bothAnchors: true)
    }
}
