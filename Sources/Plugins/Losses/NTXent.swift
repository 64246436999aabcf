import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NTXent.self) }

/// -ln(exp(sim(a_i, b_i) / T) / sum_k exp(sim(a_i, k) / T)), averaged over the anchors, with the cosine similarity.
///
/// Memory grows with the batch, not with its square, and the gradient is exact, at any batch size.
final class NTXent: Loss {
    static let name = "nt_xent"
    static let summary =
        "Normalised temperature-scaled cross-entropy between two batches of views, [batch, features] each; row i of one is the positive of row i of the other."
    static let reference = "Chen et al. 2020 (SimCLR), equation 1; as lightly's NTXentLoss"

    enum Negatives: String, CaseIterable, ChoiceOption { case all, cross }

    @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
    var temperature: Double = 0.1

    @Param("Whether rows of both batches are anchors, or only those of the first.", from: .inferred)
    var symmetric: Bool = true

    @Param(
        "The candidates that a positive competes with: all other rows of both batches (SimCLR), or only the rows of the other batch, so that no two views of one modality are pushed apart.",
        from: .inferred)
    var negatives: Negatives = .all

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2)
        return try a.l2Normalized().ntXent(
            with: b.l2Normalized(), temperature: Float(temperature),
            candidates: negatives == .all ? .bothViews : .otherView, bothAnchors: symmetric)
    }
}
