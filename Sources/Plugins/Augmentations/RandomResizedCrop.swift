import Kit

/// Crops a rectangle of random area and proportions and scales it to a square.
final class RandomResizedCrop: RegionAugmentation {
    static let name = "random_resized_crop"
    static let summary =
        "Crops a rectangle of random area and proportions from all frames of a clip and scales it to size."
    static let reference = "Szegedy et al. 2015 (Inception); Chen et al. 2020 (SimCLR); torchvision RandomResizedCrop."

    @Param("Smallest share of the frame's area.", in: 0.001...1, from: .inferred, was: "least_area")
    var minArea: Double = 0.2
    @Param("Largest share of the frame's area.", in: 0.001...1, from: .inferred, was: "greatest_area")
    var maxArea: Double = 1
    @Param("Smallest width divided by height.", in: 0.1...10, from: .inferred, was: "least_ratio")
    var minRatio: Double = 3.0 / 4
    @Param("Largest width divided by height.", in: 0.1...10, from: .inferred, was: "greatest_ratio")
    var maxRatio: Double = 4.0 / 3

    private var rectangle: RandomRectangle {
        RandomRectangle(area: (minArea, maxArea), ratio: (minRatio, maxRatio))
    }

    func validate() throws { try rectangle.validate() }

    func region(of frame: FrameSize, size: Int, _ random: inout RandomStream) -> FrameRegion {
        let (width, height) = (Double(frame.width), Double(frame.height))
        let drawn = rectangle.draw(in: width * height, &random) { w, h in w > 0 && h > 0 && w <= width && h <= height }
        if let (w, h) = drawn {
            let y = Double(random.index(below: Int(height - h) + 1))
            let x = Double(random.index(below: Int(width - w) + 1))
            return FrameRegion(x: x, y: y, width: w, height: h)
        }
        // If no such rectangle fits, take the largest centred one with allowed proportions.
        let ratio = min(max(width / height, minRatio), maxRatio)
        let (w, h) = (min(width, height * ratio), min(height, width / ratio))
        return FrameRegion(x: (width - w) / 2, y: (height - h) / 2, width: w, height: h)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomResizedCrop.self) }
