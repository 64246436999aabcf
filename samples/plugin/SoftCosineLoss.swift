import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SoftCosineLoss.self) }

/// One minus the mean cosine similarity of the two views of a clip.
final class SoftCosineLoss: Loss {
    static let name = "soft_cosine"
    static let summary = "1 - mean cosine similarity of paired rows of two batches of embeddings [batch, features]."
    static let reference = "Chen and He 2021 (SimSiam), equation 1, without the stop-gradient"

    @Param("Multiplies the loss.", in: 0...1000, from: .ours)
    var scale: Double = 1

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        let similarity = try (a.l2Normalized() * b.l2Normalized()).sum([1]).mean()  // [batch] to a scalar
        return (1 - similarity) * Float(scale)
    }
}
