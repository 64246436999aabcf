import Kit

/// `kit.media.read_image { path = "photo.jpg" }`: an image file as a tensor.
final class ReadImage: MediaFunction {
    static let name = "read_image"
    static let summary =
        "Reads an image file (PNG, JPEG, WebP or BMP) in 8 bits a channel, turned as its EXIF data say: a tensor [height, width, 3] in 0..1."

    @Param("The image.") var path: String
    @Param("Height of the result; nil keeps the image's.", unit: "pixels", from: .ours)
    var height: Int? = nil
    @Param(
        "Width of the result; nil keeps the image's. Another shape takes the largest centred part with its proportions.",
        unit: "pixels", from: .ours)
    var width: Int? = nil

    init() {}

    func validate() throws {
        for (option, value) in [("height", height), ("width", width)] {
            if let value, !(1...16_384).contains(value) {
                throw KitError.usage("option '\(option)' must be 1 to 16384 pixels, but is \(value)")
            }
        }
    }

    static let returns: any OptionConvertible.Type = Tensor.self
    func construct() throws -> Any {
        let frames = try ImageReader.read(path, width: width, height: height)
        return try Tensor(frames).reshaped([frames.height, frames.width, 3])
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadImage.self) }
