import KitCore
import KitMedia

/// Reads sources from their files and keeps the most recently used files open.
public final class MediaFilmReader: FilmReader {
    private var open: [(path: String, file: MediaFile)] = []
    private let capacity: Int

    /// - Parameter capacity: the number of files that stay open.
    public init(capacity: Int = 8) { self.capacity = capacity }

    public func facts(of source: ClipSource) throws -> SourceFacts {
        let main = try source.path.map(file)
        for track in source.tracks { _ = try found(track, source) }
        var languages = source.tracks.map(\.language)
        if source.hasOwnTracks, let main {
            languages += main.audioTracks.map(\.language).filter { own in !languages.contains { $0.matches(own) } }
        }
        let frameSize = main?.video.map { FrameSize(width: $0.squareWidth, height: $0.height) }
        let whole = try main?.duration ?? source.tracks.compactMap(\.path).map { try file($0).duration }.max() ?? 0
        return SourceFacts(
            duration: max(0, min(whole - source.start, source.duration ?? .infinity)), frameSize: frameSize,
            languages: languages)
    }

    public func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: FrameFit) throws
        -> Frames
    {
        guard let path = source.path else {
            throw KitError(.badData, "source '\(source.id)' has no video, only sound tracks")
        }
        let file = try file(path)
        var frames = Frames(count: times.count, height: height, width: width)
        try frames.values.withUnsafeMutableBufferPointer { values in
            try file.readFrames(at: times, width: width, height: height, fit: fit, into: values.baseAddress!)
        }
        return frames
    }

    public func audio(
        of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
    ) throws -> Waveform {
        let (file, track) = try track(of: source, language)
        let samples = Int((duration * Double(sampleRate)).rounded())
        // A separate sound file may end before the film; silence follows.
        let length = file.path == source.path ? duration : min(duration, file.duration - start)
        guard length * Double(sampleRate) >= 1 else {
            return Waveform(channels: 2, count: samples, sampleRate: sampleRate)
        }
        return try file.readAudio(track: track, start: start, duration: length, sampleRate: sampleRate)
            .padded(to: samples)
    }

    public func checkTrack(of source: ClipSource, _ language: Language) throws { _ = try track(of: source, language) }

    /// The file and the track in which a source has a language.
    package func track(of source: ClipSource, _ language: Language) throws -> (MediaFile, AudioTrack) {
        let alike = source.tracks.filter { $0.language.matches(language) }
        // The region decides, as for the tracks of a file.
        let exact = alike.filter { $0.language == language }
        let chosen = exact.isEmpty ? alike : exact
        guard chosen.count < 2 else {
            throw KitError(
                .badData,
                "source '\(source.id)' has \(counted(chosen.count, "track")) in \(language) (\(language.name)): "
                    + chosen.map { Self.words($0, source) }.joined(separator: ", "))
        }
        guard let stated = chosen.first else {
            guard source.hasOwnTracks, let path = source.path else {
                let names = source.tracks.map { "\($0.language)" }.joined(separator: ", ")
                throw KitError(.badData, "source '\(source.id)' has no track in \(language); it has: \(names)")
            }
            let file = try file(path)
            return (file, try file.track(language: language))
        }
        return try found(stated, source)
    }

    /// The track of a file that a source states. Throws an error that names both if it does not exist.
    private func found(_ stated: SourceTrack, _ source: ClipSource) throws -> (MediaFile, AudioTrack) {
        do {
            let file = try file(stated.path ?? source.path ?? "")
            if let stream = stated.stream { return (file, try file.track(index: stream)) }
            // A separate sound file is in the language that the source states, whatever its own tag.
            if stated.path != nil, file.audioTracks.count == 1 { return (file, file.audioTracks[0]) }
            return (file, try file.track(language: stated.language))
        } catch let error as KitError where error.kind == .badData || error.kind == .noInput {
            throw KitError(error.kind, "track \(stated.language): \(error.message)")
        }
    }

    /// "fr-ca (market.fr-CA.flac)", "en (stream #2)".
    private static func words(_ track: SourceTrack, _ source: ClipSource) -> String {
        let file = track.path.flatMap { $0.parts(separatedBy: "/").last }
        let place = [file, track.stream.map { "stream #\($0)" }].compactMap { $0 }
        return place.isEmpty ? "\(track.language)" : "\(track.language) (\(place.joined(separator: ", ")))"
    }

    private func file(_ path: String) throws -> MediaFile {
        if let index = open.lastIndex(where: { $0.path.utf8.elementsEqual(path.utf8) }) {
            let used = open.remove(at: index)
            open.append(used)
            return used.file
        }
        let file = try MediaFile(path)
        if open.count >= capacity { open.removeFirst() }
        open.append((path, file))
        return file
    }
}

extension Waveform {
    /// The same sound, padded with silence or cut to `samples` samples per channel.
    func padded(to samples: Int) -> Waveform {
        guard samples != count else { return self }
        var padded = Waveform(channels: channels, count: samples, sampleRate: sampleRate)
        for channel in 0..<channels {
            let kept = self[channel: channel].prefix(samples)
            padded.values.replaceSubrange(channel * samples..<channel * samples + kept.count, with: kept)
        }
        return padded
    }
}
