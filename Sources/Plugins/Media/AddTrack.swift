import Kit

/// `kit.media.add_track { film = "a.mkv", path = "b.mkv", language = "es", sound = function(start, count) ... end }`.
final class AddTrack: MediaFunction {
    static let name = "add_track"
    static let summary =
        "Copies a film and adds a sound track to it; the video and all other tracks are copied unchanged. The new film "
        + "appears whole or not at all."

    @Param("The film to copy.") var film: String
    @Param("The new film, which may be the film itself; nil replaces the film.", from: .ours) var path: String? = nil
    @Param("Language tag of the new track (ISO 639, BCP 47).") var language: String
    @Param("The new track's title; nil for none.", from: .ours) var title: String? = nil
    @Param("Codec of the new track; nil is \(Container.codecText { $0.writing?.addedTrack }).", from: .ours)
    var codec: RemoveSpeech.Codec? = nil
    @Param("Bits per second of the new track; nil for the codec's default.", from: .ours) var bitRate: Int? = nil
    @Param("Samples per second of the new track.", in: 8000...192_000, unit: "Hz", from: .ours)
    var sampleRate: Int = 48_000
    @Param(
        "Whether existing tracks of that language are left out of the new film; otherwise they are an error.",
        from: .ours)
    var overwrite: Bool = false
    @Param(
        "Called as sound(first, count) for one piece after the other; returns `count` samples from the sample `first`, counted from 1, as [count, 2]. The first sample is heard with the first frame."
    )
    var sound: ObjectOption<any ScriptFunction>
    @Param("Samples in a piece.", in: 1000...100_000_000, from: .ours) var piece: Int = 480_000

    init() {}

    static let returns: any OptionConvertible.Type = Nothing.self
    var changesFiles: Bool { true }

    func construct() throws -> Any {
        let track = try AddedTrack(
            film: film, path: path, language: language, codec: codec, overwrite: overwrite, title: title,
            bitRate: bitRate, sampleRate: sampleRate)
        try UnwrittenFiles.makeFolder(Folder.of(track.target))
        let source = track.source
        let total = Int(saturating: source.duration * Double(sampleRate))
        let copy = try FilmCopy(film, to: track.target, adding: track.sound, dropping: track.replaced)
        if !copy.leftOut.isEmpty {
            try RunLog.current.warning(
                "\(source.name): streams that cannot be copied: \(copy.leftOut.joined(separator: ", "))")
        }
        var position = 0
        try copy.write {
            guard position < total else { return nil }
            let count = min(piece, total - position)
            let result = try sound.object.call([.int(position + 1), .int(count)])
            guard case .object(let samples as Tensor) = result else {
                throw KitError.usage("option 'sound' must return a tensor, but returned \(result.givenText)")
            }
            guard samples.shape == [count, 2] else {
                throw KitError.usage("option 'sound' must return [\(count), 2], but returned \(samples.shape)")
            }
            guard samples.nonFiniteCount == 0 else {
                throw KitError(.nonFinite, "option 'sound': NaN or infinity in the samples from \(position + 1)")
            }
            position += count
            return Waveform(samples, sampleRate: sampleRate)
        }
        return ()
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AddTrack.self) }
