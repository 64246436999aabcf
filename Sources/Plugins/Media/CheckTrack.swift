import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CheckTrack.self) }

/// `kit.media.check_track { film = "a.avi", path = "b.mkv", language = "es" }`.
final class CheckTrack: MediaFunction {
    static let name = "check_track"
    static let summary =
        "Throws what kit.media.add_track would throw about the new film's container, its tracks and the codec, before "
        + "there is any sound. Writes nothing."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The film to copy.") var film: String
    @Param("The new film, which may be the film itself; nil replaces the film.", from: .ours) var path: String? = nil
    @Param("Language tag of the new track (ISO 639, BCP 47).") var language: String
    @Param("Codec of the new track; nil is \(Container.codecText { $0.writing?.addedTrack }).", from: .ours)
    var codec: RemoveSpeech.Codec? = nil
    @Param(
        "Whether existing tracks of that language are left out of the new film; otherwise they are an error.",
        from: .ours)
    var overwrite: Bool = false

    init() {}

    func construct() throws -> Any {
        let track = try AddedTrack(film: film, path: path, language: language, codec: codec, overwrite: overwrite)
        do {
            _ = try FilmCopy(film, to: track.target, adding: track.sound, dropping: track.replaced, isTrial: true)
        } catch let error as KitError where error.kind == .usage && FileName.ending(track.target) != "mkv" {
            throw KitError.usage("\(error.message); .mkv files keep them")
        }
        return ()
    }
}
