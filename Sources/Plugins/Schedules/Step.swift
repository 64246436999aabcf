import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Step.self) }

/// gamma to the power of the milestones passed.
final class Step: Schedule {
    static let name = "step"
    static let summary = "Linear warm-up, then full rate, multiplied by a factor at each milestone."
    static let reference = "PyTorch's MultiStepLR; He et al. 2016 (ResNet), section 3.4"

    @Param("The points at which the rate falls, as shares of the run.", from: .ours)
    var milestones: [Double] = [0.6, 0.8]

    @Param("The factor of the rate at each milestone.", in: 0...1, from: .inferred)
    var gamma: Double = 0.1

    @Param("Share of the run over which the rate rises to its full value.", in: 0...1, from: .ours)
    var warmup: Double = 0

    init() {}

    func validate() throws {
        for share in milestones where !(0...1).contains(share) {
            throw KitError.usage("option 'milestones' must be shares of the run, 0 to 1, but one is \(share)")
        }
    }

    func factor(step: Int, of total: Int) -> Double {
        let passed = milestones.count { step >= Int(saturating: ($0 * Double(total)).rounded()) }
        return WarmUp(share: warmup, of: total).factor(step: step) ?? pow(gamma, Double(passed))
    }
}
