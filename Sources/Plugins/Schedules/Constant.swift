import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Constant.self) }

/// 1, after the warm-up.
final class Constant: Schedule {
    static let name = "constant"
    static let summary = "Full rate throughout, optionally after a linear warm-up."
    static let reference = "Goyal et al. 2017, Accurate, large minibatch SGD, section 2.2 (gradual warm-up)"

    @Param("Share of the run over which the rate rises to its full value.", in: 0...1, from: .ours)
    var warmup: Double = 0

    init() {}

    func factor(step: Int, of total: Int) -> Double { WarmUp(share: warmup, of: total).factor(step: step) ?? 1 }
}
