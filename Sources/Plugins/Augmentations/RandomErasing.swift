import Kit

/// Hides a part of the picture.
final class RandomErasing: FrameAugmentation {
    static let name = "random_erasing"
    static let summary =
        "Fills a rectangle of random area, proportions and place with one value, the same in all pictures of a clip, with a chance."
    static let source = "Zhong et al. 2020 (Random erasing data augmentation); torchvision RandomErasing."

    @Param("Least part of the picture's area.", in: 0.001...1, from: .inferred) var leastArea: Double = 0.02
    @Param("Greatest part of the picture's area.", in: 0.001...1, from: .inferred) var greatestArea: Double = 0.33
    @Param("Least height divided by width.", in: 0.1...10, from: .inferred) var leastRatio: Double = 0.3
    @Param("Greatest height divided by width.", in: 0.1...10, from: .inferred) var greatestRatio: Double = 3.3
    @Param(
        "What red, green and blue become, 0...1; the usual mean of pictures is 0 once they are normalised.", in: 0...1,
        from: .ours)
    var fill: Double = 0.45
    @Param("Chance that a clip is changed.", in: 0...1, from: .inferred) var chance: Double = 0.5

    private var rectangle: RandomRectangle {
        RandomRectangle(area: (leastArea, greatestArea), ratio: (leastRatio, greatestRatio))
    }

    func validate() throws { try rectangle.validate() }

    func apply(to frames: ClipFrames, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < chance, let region = region(of: frames, &random) else { return }
        frames.fill(region, with: Float(fill))
    }

    /// What is erased; nil if no rectangle drawn leaves some of the picture on both axes.
    func region(of frames: ClipFrames, _ random: inout RandomStream) -> PictureRegion? {
        let (height, width) = (Double(frames.height), Double(frames.width))
        let sides = rectangle.draw(in: height * width, &random) { $0 < height && $1 < width }
        guard let (tall, wide) = sides else { return nil }
        let y = Double(random.index(below: frames.height - Int(tall) + 1))
        let x = Double(random.index(below: frames.width - Int(wide) + 1))
        return PictureRegion(x: x, y: y, width: wide, height: tall)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomErasing.self) }
