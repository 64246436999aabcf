import Kit

/// Removes the colour.
final class Greyscale: FrameAugmentation {
    static let name = "greyscale"
    static let summary = "Turns all frames of a clip grey, with a probability."
    static let reference =
        "Chen et al. 2020 (SimCLR), appendix A; weights of ITU-R BT.601 as in torchvision RandomGrayscale."

    @Param("Probability that a clip turns grey.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.2

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability else { return }
        frames.turnGrey()
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Greyscale.self) }
