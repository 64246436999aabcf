import Foundation
import Kit

/// `kit.media.write_image { path = "frame.png", image = x }`: a tensor as an image file.
final class WriteImage: MediaFunction {
    static let name = "write_image"
    static let summary =
        "Writes a tensor in 0..1, [height, width, 3] or grey [height, width], as a .png or .jpg file, with a pixel for each value. kit.plot.image draws any range of values, enlarged."
    static let reference = "FFmpeg's libavcodec"
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file; its name ends in .png, .jpg or .jpeg.") var path: String
    @Param("The image, [height, width, 3] or [height, width]; values below 0 and above 1 are black and white.")
    var image: Tensor

    init() {}

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        let frames = try Frames(image: image, name: "option 'image'", largestSide: 16_384)
        try AtomicFile.write(Data(try kind().bytes(of: 0, frames)), to: path)
        return ()
    }

    private func kind() throws -> ImageFile {
        switch path.lowercased().split(separator: ".").last {
        case "png": .png
        // The best quality.
        case "jpg", "jpeg": .jpeg(quality: 2)
        default: throw KitError.usage("option 'path' must end in .png, .jpg or .jpeg, but is '\(path)'")
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteImage.self) }
