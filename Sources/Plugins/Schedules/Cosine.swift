import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Cosine.self) }

/// min_factor + (1 - min_factor) (1 + cos(pi p)) / 2, where p is the progress of the run since the warm-up.
final class Cosine: Schedule {
    static let name = "cosine"
    static let summary = "Linear warm-up, then half a cosine wave down, without restarts."
    static let reference = "Loshchilov and Hutter 2017 (SGDR), equation 5, with one period; warm-up as in SimCLR"

    @Param("Share of the run over which the rate rises to its full value.", in: 0...1, from: .inferred)
    var warmup: Double = 0.05

    @Param("The factor at the end of the run.", in: 0...1, from: .inferred, was: "minimum")
    var minFactor: Double = 0

    init() {}

    func factor(step: Int, of total: Int) -> Double {
        let start = WarmUp(share: warmup, of: total)
        return start.factor(step: step)
            ?? minFactor + (1 - minFactor) * (1 + cos(.pi * start.progress(step: step, of: total))) / 2
    }
}
