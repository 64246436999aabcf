import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Triplet.self) }

/// max(0, margin + d(anchor, positive) - d(anchor, negative)), averaged over triplets, with the Euclidean distance d.
final class Triplet: Loss {
    static let name = "triplet"
    static let summary =
        "Triplet margin loss of anchors and positives, [batch, features] each, with given negatives as a third tensor or with the positives of other rows."
    static let reference =
        "Schroff et al. 2015 (FaceNet), equation 3, as torch.nn.TripletMarginLoss; Hermans et al. 2017 for triplets within a batch"

    enum Negatives: String, CaseIterable, ChoiceOption { case all, hardest }

    @Param("How much farther away a negative should be than the positive.", in: 0...1000, from: .inferred)
    var margin: Double = 1

    @Param(
        "Negatives if none are given: the positives of all other rows, each as a triplet, or for each anchor the nearest of them.",
        from: .ours)
    var negatives: Negatives = .all

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2)
        let batch = a.shape[0]
        guard negatives == .all else { return try callAsFunction(a, b, b.gatherRows(Self.nearest(a, b))) }
        let distances = try Self.distance(a.unsqueezed(axis: 1), b.unsqueezed(axis: 0))
        let slack = try (Self.distance(a, b).unsqueezed(axis: 1) - distances + Float(margin)).relu()
        return try (slack * .diagonal(batch, 0, offDiagonal: 1 / Float(batch * (batch - 1)))).sum()
    }

    /// - Parameter negatives: [batch, features], one for each anchor.
    func callAsFunction(_ anchors: Tensor, _ positives: Tensor, _ negatives: Tensor) throws -> Tensor {
        try checkViews(anchors, positives)
        try checkViews(anchors, negatives)
        let (near, far) = (try Self.distance(anchors, positives), try Self.distance(anchors, negatives))
        return try (near - far + Float(margin)).relu().mean()
    }

    /// |x - y + 1e-6| along the last axis: PyTorch's `pairwise_distance`.
    private static func distance(_ x: Tensor, _ y: Tensor) throws -> Tensor {
        try (x - y + 1e-6).squared().sum([-1]).sqrt()
    }

    /// For each row of `a`, the nearest row of `b` except its own.
    private static func nearest(_ a: Tensor, _ b: Tensor) throws -> [Int] {
        try Autograd.noGrad {
            // |a - b|² less |a|², which is the same for a whole row.
            let lengths = try b.squared().sum([1]).unsqueezed(axis: 0)
            let distances = try (lengths - a.matmul(b, transposeB: true) * 2).values
            let batch = b.shape[0]
            return (0..<batch).map { row in
                let others = (0..<batch).filter { $0 != row }
                return others.min { distances[row * batch + $0] < distances[row * batch + $1] }!
            }
        }
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: Triplet.self, "The loss of anchors and positives, and of negatives if they are given.",
                ScriptArgument("anchors", Tensor.self), ScriptArgument("positives", Tensor.self),
                ScriptArgument("negatives", Tensor?.self), returns: Tensor.self
            ) { loss, anchors, positives, negatives in
                try loss.overBatch([anchors, positives] + [negatives].compactMap { $0 }) { views, _ in
                    views.count == 2 ? try loss(views[0], views[1]) : try loss(views[0], views[1], views[2])
                }
            }
        ]
    }
}
