import Kit

/// `kit.media.open { path = "film.mkv" }`: opens a film or a sound file.
final class OpenMedia: MediaFunction {
    static let name = "open"
    static let summary = "Opens a film or a sound file: its tracks, and its frames and sound as tensors."

    @Param("A film or a sound file.") var path: String

    init() {}

    static let returns: any OptionConvertible.Type = Film.self
    func construct() throws -> Any { try Film(path) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(OpenMedia.self) }
