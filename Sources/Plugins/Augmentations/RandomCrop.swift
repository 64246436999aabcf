import Kit

/// Takes a square of the picture at a random place, at a random zoom.
final class RandomCrop: RegionAugmentation {
    static let name = "random_crop"
    static let summary =
        "Scales a clip's pictures so that their short side has a random length, and cuts out a random square."
    static let source = "Simonyan and Zisserman 2014 (VGG), section 3.1; SlowFast's short-side scale jitter."

    @Param("Least length of the short side, in parts of the dataset's size: 256 for 224.", in: 1...8, from: .inferred)
    var least: Double = 256.0 / 224
    @Param("Greatest length of the short side: 320 for 224.", in: 1...8, from: .inferred) var greatest: Double =
        320.0 / 224

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
    }

    func region(of picture: PictureSize, size: Int, _ random: inout RandomStream) -> PictureRegion {
        let side = Double(min(picture.width, picture.height)) / random.uniform(least, greatest)
        let x = random.uniform(0, 1) * (Double(picture.width) - side)
        let y = random.uniform(0, 1) * (Double(picture.height) - side)
        return PictureRegion(x: x, y: y, width: side, height: side)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomCrop.self) }
