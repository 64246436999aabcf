import Kit

/// Hides a part of the frame.
final class RandomErasing: FrameAugmentation {
    static let name = "random_erasing"
    static let summary =
        "Fills a rectangle of random area, proportions and position with one value, the same in all frames of a clip, with a probability."
    static let reference = "Zhong et al. 2020 (Random erasing data augmentation); torchvision RandomErasing."

    @Param("Smallest share of the frame's area.", in: 0.001...1, from: .inferred, was: "least_area")
    var minArea: Double = 0.02
    @Param("Largest share of the frame's area.", in: 0.001...1, from: .inferred, was: "greatest_area")
    var maxArea: Double = 0.33
    @Param("Smallest height divided by width.", in: 0.1...10, from: .inferred, was: "least_ratio")
    var minRatio: Double = 0.3
    @Param("Largest height divided by width.", in: 0.1...10, from: .inferred, was: "greatest_ratio")
    var maxRatio: Double = 3.3
    @Param(
        "New value of red, green and blue, 0...1; the default is the usual mean of frames, which normalisation maps to 0.",
        in: 0...1,
        from: .ours)
    var fill: Double = 0.45
    @Param("Probability that a clip is changed.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    private var rectangle: RandomRectangle {
        RandomRectangle(area: (minArea, maxArea), ratio: (minRatio, maxRatio))
    }

    func validate() throws { try rectangle.validate() }

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability, let region = region(of: frames, &random) else { return }
        frames.fill(region, with: Float(fill))
    }

    /// The erased region; nil if no drawn rectangle leaves a part of the frame on both axes.
    func region(of frames: ClipFrames, _ random: inout RandomStream) -> FrameRegion? {
        let (height, width) = (Double(frames.height), Double(frames.width))
        let sides = rectangle.draw(in: height * width, &random) { $0 < height && $1 < width }
        guard let (tall, wide) = sides else { return nil }
        let y = Double(random.index(below: frames.height - Int(tall) + 1))
        let x = Double(random.index(below: frames.width - Int(wide) + 1))
        return FrameRegion(x: x, y: y, width: wide, height: tall)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomErasing.self) }
