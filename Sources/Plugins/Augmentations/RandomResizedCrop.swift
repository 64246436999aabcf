import Kit

/// Takes a rectangle of random area and proportions and scales it to a square.
final class RandomResizedCrop: RegionAugmentation {
    static let name = "random_resized_crop"
    static let summary =
        "Cuts a rectangle of random area and proportions out of all pictures of a clip and scales it to size."
    static let source = "Szegedy et al. 2015 (Inception); Chen et al. 2020 (SimCLR); torchvision RandomResizedCrop."

    @Param("Least part of the picture's area.", in: 0.001...1, from: .inferred) var leastArea: Double = 0.2
    @Param("Greatest part of the picture's area.", in: 0.001...1, from: .inferred) var greatestArea: Double = 1
    @Param("Least width divided by height.", in: 0.1...10, from: .inferred) var leastRatio: Double = 3.0 / 4
    @Param("Greatest width divided by height.", in: 0.1...10, from: .inferred) var greatestRatio: Double = 4.0 / 3

    private var rectangle: RandomRectangle {
        RandomRectangle(area: (leastArea, greatestArea), ratio: (leastRatio, greatestRatio))
    }

    func validate() throws { try rectangle.validate() }

    func region(of picture: PictureSize, size: Int, _ random: inout RandomStream) -> PictureRegion {
        let (width, height) = (Double(picture.width), Double(picture.height))
        let drawn = rectangle.draw(in: width * height, &random) { w, h in w > 0 && h > 0 && w <= width && h <= height }
        if let (w, h) = drawn {
            let y = Double(random.index(below: Int(height - h) + 1))
            let x = Double(random.index(below: Int(width - w) + 1))
            return PictureRegion(x: x, y: y, width: w, height: h)
        }
        // No such rectangle lies within: the largest centred one with proportions allowed.
        let ratio = min(max(width / height, leastRatio), greatestRatio)
        let (w, h) = (min(width, height * ratio), min(height, width / ratio))
        return PictureRegion(x: (width - w) / 2, y: (height - h) / 2, width: w, height: h)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomResizedCrop.self) }
