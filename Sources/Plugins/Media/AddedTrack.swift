import Kit

/// A sound track that is to be added to a film, with what is known before there is any sound.
struct AddedTrack {
    let source: MediaFile
    /// The new film.
    let target: String
    let sound: FilmWriter.Sound
    /// The numbers of the streams whose place it takes.
    let replaced: Set<Int>

    /// Throws `.usage` if the film has the track already, or if the new film's container does not keep a track in this
    /// language and codec.
    init(
        film: String, path: String?, language: String, codec: RemoveSpeech.Codec?, overwrite: Bool,
        title: String? = nil, bitRate: Int? = nil, sampleRate: Int = 48_000
    ) throws {
        source = try MediaFile(film)
        target = path ?? film
        let wanted = try Language(language)
        let known = source.audioTracks.filter { $0.language == wanted }
        guard known.isEmpty || overwrite else {
            throw KitError.usage(
                "\(source.name): already has a track \(wanted): overwrite = true replaces it (it has \(source.trackList))"
            )
        }
        replaced = Set(known.map(\.index))
        let ending = FileName.ending(target)
        guard let writing = Container.ending(of: target)?.writing, let usual = writing.addedTrack else {
            let endings = Container.addableEndings.map { ".\($0)" }.joined(separator: ", ")
            throw KitError.usage(
                "\(target): no track with a language is added to .\(ending) files: expected one of \(endings); .mkv files "
                    + "keep any")
        }
        var sound = FilmWriter.Sound()
        (sound.language, sound.title, sound.bitRate, sound.sampleRate) = (wanted, title, bitRate, sampleRate)
        sound.codec = codec.map { AudioCodec(rawValue: $0.rawValue)! } ?? usual
        guard writing.addedTracks.contains(sound.codec) else {
            let codecs = writing.addedTracks.map(\.rawValue).joined(separator: ", ")
            throw KitError.usage(
                "\(target): .\(ending) files keep no track in \(sound.codec): expected \(codecs); .mkv files keep it")
        }
        self.sound = sound
    }
}
