import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NegativeCosineSimilarity.self) }

/// The loss of BYOL (up to a factor of 2 and an offset) and of SimSiam. The recipe decides which side has no gradient:
///
///     local function d(p, z) return loss(p, z:detach()) end
///     return (d(predict(za), zb) + d(predict(zb), za)) / 2
final class NegativeCosineSimilarity: Loss {
    static let name = "negative_cosine_similarity"
    static let summary =
        "Minus the mean cosine similarity of paired rows, [batch, features] each: BYOL's and SimSiam's loss. Pass the target detached."
    static let reference =
        "Chen and He 2021 (SimSiam), equation 1; Grill et al. 2020 (BYOL), equation 2; as lightly's NegativeCosineSimilarity"

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        return try -(a.l2Normalized(epsilon: 1e-8) * b.l2Normalized(epsilon: 1e-8)).sum([1]).mean()
    }
}
