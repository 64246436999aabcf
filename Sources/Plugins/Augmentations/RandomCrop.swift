import Kit

/// Crops a random square at a random zoom.
final class RandomCrop: RegionAugmentation {
    static let name = "random_crop"
    static let summary =
        "Scales a clip's frames so that their short side has a random length, and crops a random square."
    static let reference = "Simonyan and Zisserman 2014 (VGG), section 3.1; SlowFast's short-side scale jitter."

    @Param(
        "Smallest length of the short side, relative to the dataset's size: 256 for 224.", in: 1...8, from: .inferred,
        was: "least")
    var min: Double = 256.0 / 224
    @Param("Largest length of the short side: 320 for 224.", in: 1...8, from: .inferred, was: "greatest") var max:
        Double =
            320.0 / 224

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
    }

    func region(of frame: FrameSize, size: Int, _ random: inout RandomStream) -> FrameRegion {
        let side = Double(Swift.min(frame.width, frame.height)) / random.uniform(min, max)
        let x = random.uniform(0, 1) * (Double(frame.width) - side)
        let y = random.uniform(0, 1) * (Double(frame.height) - side)
        return FrameRegion(x: x, y: y, width: side, height: side)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RandomCrop.self) }
