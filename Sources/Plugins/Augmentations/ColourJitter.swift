import Kit

/// Changes brightness, contrast, saturation and hue.
final class ColourJitter: FrameAugmentation {
    static let name = "colour_jitter"
    static let summary =
        "Changes brightness, contrast, saturation and hue of all frames of a clip in the same way, in random order."
    static let reference = "Chen et al. 2020 (SimCLR), appendix A at strength 0.5; torchvision ColorJitter."

    @Param("Brightness is multiplied by 1 - this to 1 + this.", in: 0...1, from: .inferred) var brightness: Double = 0.4
    @Param("Contrast is multiplied by 1 - this to 1 + this.", in: 0...1, from: .inferred) var contrast: Double = 0.4
    @Param("Saturation is multiplied by 1 - this to 1 + this.", in: 0...1, from: .inferred) var saturation: Double = 0.4
    @Param("Hue is rotated by up to this part of the colour circle.", in: 0...0.5, from: .inferred) var hue: Double =
        0.1
    @Param("Probability that a clip is changed.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.8

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability else { return }
        for change in random.permutation(4) {
            switch change {
            case 0 where brightness > 0: frames.multiplyBrightness(by: factor(brightness, &random))
            case 1 where contrast > 0: frames.multiplyContrast(by: factor(contrast, &random))
            case 2 where saturation > 0: frames.multiplySaturation(by: factor(saturation, &random))
            case 3 where hue > 0: frames.turnHue(by: Float(random.uniform(-hue, hue)))
            default: break
            }
        }
    }

    private func factor(_ strength: Double, _ random: inout RandomStream) -> Float {
        Float(random.uniform(1 - strength, 1 + strength))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ColourJitter.self) }
