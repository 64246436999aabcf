import Foundation
import Kit

/// Takes the sharpness away.
final class GaussianBlur: FrameAugmentation {
    static let name = "gaussian_blur"
    static let summary = "Blurs all pictures of a clip alike, by a Gaussian of random width, with a chance."
    static let source = "Chen et al. 2020 (SimCLR), appendix A; torchvision GaussianBlur."

    @Param("Side of the kernel in parts of the picture's, rounded to an odd number.", in: 0...1, from: .inferred)
    var kernel: Double = 0.1
    @Param("Least deviation of the Gaussian.", in: 0.01...100, unit: "px", from: .inferred) var least: Double = 0.1
    @Param("Greatest deviation of the Gaussian.", in: 0.01...100, unit: "px", from: .inferred) var greatest: Double = 2
    @Param("Chance that a clip is blurred.", in: 0...1, from: .inferred) var chance: Double = 0.5

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
    }

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < chance else { return }
        let side = Int(kernel * Double(min(frames.width, frames.height)) / 2) * 2 + 1
        frames.blur(side: side, sigma: random.uniform(least, greatest))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(GaussianBlur.self) }
