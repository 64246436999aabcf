import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(VICReg.self) }

/// Variance, invariance, covariance: similar views, features that vary over the batch, and features that are
/// uncorrelated.
final class VICReg: Loss {
    static let name = "vicreg"
    static let summary =
        "Mean squared distance of two views, [batch, features] each, with terms that keep the standard deviation of each feature at 1 and features uncorrelated; needs no negatives."
    static let reference = "Bardes et al. 2022 (VICReg), equations 1 to 6; as lightly's VICRegLoss"

    @Param("Weight of the distance of the views.", in: 0...1e6, from: .inferred) var invariance: Double = 25
    @Param("Weight of the terms for standard deviations below 1.", in: 0...1e6, from: .inferred) var variance: Double =
        25
    @Param("Weight of the squared covariances of different features.", in: 0...1e6, from: .inferred)
    var covariance: Double = 1

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2, since: "features are compared over the batch")
        let distance = try (a - b).squared().mean()
        let shortfall = try Self.shortfall(a) + Self.shortfall(b)
        let redundancy = try Self.redundancy(a) + Self.redundancy(b)
        return try distance * Float(invariance) + shortfall * Float(variance / 2) + redundancy * Float(covariance)
    }

    /// The mean over features of the amount by which their standard deviation over the batch is below 1.
    private static func shortfall(_ x: Tensor) throws -> Tensor {
        try (1 - (x.variance([0]) + 1e-4).sqrt()).relu().mean()
    }

    /// The sum of squared covariances of different features, for each feature.
    private static func redundancy(_ x: Tensor) throws -> Tensor {
        let (batch, features) = (x.shape[0], x.shape[1])
        let centred = try x - x.mean([0], keepDims: true)
        let covariance = try centred.matmul(centred, transposeA: true) * (1 / Float(batch - 1))
        let weights = Tensor.diagonal(features, 0, offDiagonal: 1 / Float(features))
        return try (covariance.squared() * weights).sum()
    }
}
