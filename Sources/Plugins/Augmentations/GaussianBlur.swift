import Foundation
import Kit

/// Blurs frames.
final class GaussianBlur: FrameAugmentation {
    static let name = "gaussian_blur"
    static let summary = "Blurs all frames of a clip with a Gaussian of random width, with a probability."
    static let reference = "Chen et al. 2020 (SimCLR), appendix A; torchvision GaussianBlur."

    @Param("Side of the kernel as a share of the frame's, rounded to an odd number.", in: 0...1, from: .inferred)
    var kernel: Double = 0.1
    @Param("Smallest standard deviation of the Gaussian.", in: 0.01...100, unit: "px", from: .inferred, was: "least")
    var min: Double = 0.1
    @Param("Largest standard deviation of the Gaussian.", in: 0.01...100, unit: "px", from: .inferred, was: "greatest")
    var max: Double = 2
    @Param("Probability that a clip is blurred.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
    }

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability else { return }
        let side = Int(kernel * Double(Swift.min(frames.width, frames.height)) / 2) * 2 + 1
        frames.blur(side: side, sigma: random.uniform(min, max))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(GaussianBlur.self) }
