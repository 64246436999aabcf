import Kit

/// Mirrors frames.
final class HorizontalFlip: FrameAugmentation {
    static let name = "horizontal_flip"
    static let summary = "Mirrors all frames of a clip left to right, with a probability."
    static let reference = "The usual augmentation of SimCLR and of video networks; torchvision RandomHorizontalFlip."

    @Param("Probability that a clip is mirrored.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability else { return }
        for row in 0..<frames.count * frames.height {
            let pixels = frames.values + row * frames.width * 3
            for left in 0..<frames.width / 2 {
                let right = frames.width - 1 - left
                for channel in 0..<3 {
                    let kept = pixels[left * 3 + channel]
                    pixels[left * 3 + channel] = pixels[right * 3 + channel]
                    pixels[right * 3 + channel] = kept
                }
            }
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(HorizontalFlip.self) }
