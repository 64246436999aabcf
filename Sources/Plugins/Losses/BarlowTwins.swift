import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BarlowTwins.self) }

/// sum (1 - C_ii)² + lambda sum of C_ij² off the diagonal, where C is the correlation of the features of one view with
/// those of the other over the batch.
final class BarlowTwins: Loss {
    static let name = "barlow_twins"
    static let summary =
        "Drives the cross-correlation matrix of the features of two views, [batch, features] each, towards the identity; needs no negatives."
    static let reference = "Zbontar et al. 2021 (Barlow Twins), equations 1 and 2; as lightly's BarlowTwinsLoss"

    @Param("Weight of the terms off the diagonal: of redundancy.", in: 0...1000, from: .inferred)
    var lambda: Double = 5e-3

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2, since: "features are compared over the batch")
        let (batch, features) = (a.shape[0], a.shape[1])
        let correlation = try Self.standardised(a).matmul(Self.standardised(b), transposeA: true) * (1 / Float(batch))
        let distance = try (correlation - .diagonal(features, 1)).squared()
        return try (distance * .diagonal(features, 1, offDiagonal: Float(lambda))).sum()
    }

    /// Each feature with mean 0 and standard deviation 1 over the batch, as by batch norm in training.
    private static func standardised(_ x: Tensor) throws -> Tensor {
        try (x - x.mean([0], keepDims: true)) / (x.variance([0], correction: 0, keepDims: true) + 1e-5).sqrt()
    }
}
