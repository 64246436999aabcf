import Foundation
import Kit

/// Films that exist in memory alone: every pixel and sample follows from the source's name, the language and the time.
public final class SyntheticFilms: FilmReader {
    /// Sources from whose given second on nothing can be read.
    private let broken: [String: Double]

    public init(broken: [String: Double] = [:]) { self.broken = broken }

    /// `count` sources "film-0", "film-1"... of 12 s, in English, Spanish and French.
    public static func sources(_ count: Int, seconds: Double = 12, languages: [String] = ["en", "es", "fr"])
        -> [ClipSource]
    {
        (0..<count).map { index in
            ClipSource(
                id: "film-\(index)", path: "film-\(index).mkv", duration: seconds,
                tracks: languages.map { SourceTrack(language: Language(tag: $0)) })
        }
    }

    /// Small clips that are fast to make: 1 s, 2 frames of 8 x 8, 10 mel bands of sound at 4 kHz.
    public static func settings(_ change: (inout ClipSettings) -> Void = { _ in }) throws -> ClipSettings {
        var mel = LogMel.Settings()
        (mel.sampleRate, mel.fftSize, mel.hop, mel.mels, mel.highest) = (4000, 128, 400, 10, 2000)
        var settings = ClipSettings()
        (settings.seconds, settings.frames, settings.size) = (1, 2, 8)
        settings.mel = try LogMel(mel)
        change(&settings)
        return settings
    }

    /// A dataset of such films.
    public static func dataset(
        _ sources: [ClipSource] = sources(4), split: Split = .all, broken: [String: Double] = [:],
        unusable: FilmCatalogue.Unusable = .error, loading: LoaderOptions = LoaderOptions(),
        _ change: (inout ClipSettings) -> Void = { _ in }
    ) throws -> FilmDataset {
        let catalogue = try FilmCatalogue(
            sources, settings(change), unusable: unusable, makeReader: { SyntheticFilms(broken: broken) })
        return try FilmDataset(catalogue, split: split, loading: loading)
    }

    public func facts(of source: ClipSource) throws -> SourceFacts {
        if broken[source.id] == -1 { throw KitError(.badData, "\(source.id): cannot be opened") }
        return SourceFacts(
            duration: source.duration ?? 12, frameSize: FrameSize(width: 32, height: 24),
            languages: source.tracks.map(\.language))
    }

    public func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: FrameFit) throws
        -> Frames
    {
        try check(source, times.max() ?? 0)
        var frames = Frames(count: times.count, height: height, width: width)
        for (picture, time) in times.enumerated() {
            var random = seed(source, "\(fit) \(Int((time * 1000).rounded()))")
            for index in 0..<height * width * 3 {
                frames.values[picture * height * width * 3 + index] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return frames
    }

    public func audio(
        of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
    ) throws -> Waveform {
        try check(source, start + duration)
        var random = seed(source, language.code)
        let (pitch, phase) = (random.uniform(100, 1500), random.uniform(0, 6))
        var waveform = Waveform(channels: 2, count: Int(duration * Double(sampleRate)), sampleRate: sampleRate)
        for index in waveform.values.indices {
            let time = start + Double(index % waveform.count) / Double(sampleRate)
            waveform.values[index] = Float(0.5 * sin(2 * .pi * pitch * time + phase))
        }
        return waveform
    }

    private func seed(_ source: ClipSource, _ what: String) -> RandomStream {
        RandomStream(seed: 1).derived("\(source.id) \(what)")
    }

    private func check(_ source: ClipSource, _ time: Double) throws {
        try Interrupt.check()
        if let from = broken[source.id], time > from { throw KitError(.badData, "\(source.id): damaged at \(time) s") }
    }
}

extension ClipBatch {
    /// Everything in it as bits: equal only for equal batches.
    public var bits: [UInt32] {
        (video?.values ?? []).map(\.bitPattern) + audio.tracks.flatMap { $0.tensor.values.map(\.bitPattern) }
    }
}
