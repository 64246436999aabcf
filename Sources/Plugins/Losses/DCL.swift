import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DCL.self) }

/// -w_i sim(i, i⁺) / T + ln sum over negatives k of exp(sim(i, k) / T), averaged over the rows of both views.
final class DCL: Loss {
    static let name = "dcl"
    static let summary =
        "Decoupled contrastive loss of two batches of views, [batch, features] each: NT-Xent without the positive in the denominator, for small batches."
    static let reference =
        "Yeh et al. 2022 (Decoupled contrastive learning), equations 6 and 7; as lightly's DCLLoss and DCLWLoss"

    @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
    var temperature: Double = 0.1

    @Param(
        "Reduces the weight of positives that are already similar, by a von Mises-Fisher function of this width; 0.5 in the paper. Nil weights all equally.",
        from: .inferred)
    var sigma: Double? = nil

    init() {}

    func validate() throws {
        if let sigma, !(sigma > 0) { throw KitError.usage("option 'sigma' must be above 0, but is \(sigma)") }
    }

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b, least: 2)
        let batch = a.shape[0]
        let (first, second) = (try a.l2Normalized(), try b.l2Normalized())
        let positive = try (first * second).sum([1])
        let z = try Tensor.concat([first, second])
        let scale = Float(1 / temperature)
        let others = try z.matmul(z, transposeB: true) * scale + Self.mask(batch)
        var weighted = positive * scale
        if let sigma {
            let alike = try (positive.detached() * Float(1 / sigma)).softmax()
            weighted = try weighted * (2 - alike * Float(batch))
        }
        return try others.logSumExp().mean() - weighted.mean()
    }

    /// [2 batch, 2 batch]: masks each row's similarity with itself and with its positive.
    private static func mask(_ batch: Int) throws -> Tensor {
        let block = Tensor.diagonal(batch, Tensor.hidden)
        let row = try Tensor.concat([block, block], axis: 1)
        return try Tensor.concat([row, row])
    }
}
