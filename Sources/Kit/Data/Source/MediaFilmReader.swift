import KitCore
import KitMedia

/// Reads sources from their files; keeps the files open that were used last.
public final class MediaFilmReader: FilmReader {
    private var open: [(path: String, file: MediaFile)] = []
    private let capacity: Int

    /// - Parameter capacity: how many files stay open.
    public init(capacity: Int = 8) { self.capacity = capacity }

    public func facts(of source: ClipSource) throws -> SourceFacts {
        let main = try source.path.map(file)
        var languages = source.tracks.map(\.language)
        if source.hasOwnTracks, let main {
            languages += main.audioTracks.map(\.language).filter { own in !languages.contains { $0.matches(own) } }
        }
        let picture = main?.video.map { video in
            PictureSize(
                width: Int(saturating: (Double(video.width) * video.pixelAspect).rounded()), height: video.height)
        }
        let whole = try main?.duration ?? source.tracks.compactMap(\.path).map { try file($0).duration }.max() ?? 0
        return SourceFacts(
            duration: max(0, min(whole - source.start, source.duration ?? .infinity)), picture: picture,
            languages: languages)
    }

    public func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: Fit) throws -> Frames {
        guard let path = source.path else {
            throw KitError(.badData, "source '\(source.id)' has no picture, only sound tracks")
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
        // A sound file of its own may end before the film does; silence follows.
        let length = file.path == source.path ? duration : min(duration, file.duration - start)
        guard length * Double(sampleRate) >= 1 else {
            return Waveform(channels: 2, count: samples, sampleRate: sampleRate)
        }
        return try file.readAudio(track: track, start: start, duration: length, sampleRate: sampleRate)
            .padded(to: samples)
    }

    private func track(of source: ClipSource, _ language: Language) throws -> (MediaFile, AudioTrack) {
        guard let stated = source.tracks.first(where: { $0.language.matches(language) }) else {
            guard source.hasOwnTracks, let path = source.path else {
                let names = source.tracks.map { "\($0.language)" }.joined(separator: ", ")
                throw KitError(.badData, "source '\(source.id)' has no track in \(language); it has: \(names)")
            }
            let file = try file(path)
            return (file, try file.track(language: language))
        }
        let file = try file(stated.path ?? source.path ?? "")
        if let stream = stated.stream { return (file, try file.track(index: stream)) }
        // A sound file of its own is in the language that the source says, whatever its own tag.
        if stated.path != nil, file.audioTracks.count == 1 { return (file, file.audioTracks[0]) }
        return (file, try file.track(language: language))
    }

    private func file(_ path: String) throws -> MediaFile {
        if let index = open.lastIndex(where: { $0.path == path }) {
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
    /// The same sound with silence after it, or cut, so that each channel has `samples` samples.
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
