import KitCore
import KitData
import KitMedia
import KitModel
import KitTensor

/// The timestamps to embed: a regular grid from 0 to the end of a recording.
public struct TimestampGrid: Sendable {
    /// Seconds between timestamps.
    public var hop = 0.05
    /// Seconds of sound around each; nil for the length of a clip.
    public var window: Double?

    public init(hop: Double = 0.05, window: Double? = nil) { (self.hop, self.window) = (hop, window) }

    /// The number of timestamps in a duration in seconds.
    func count(in duration: Double) -> Int { min(Int(saturating: (duration / hop + 1e-9).rounded(.down)), 1 << 40) + 1 }
}

/// A row for each timestamp: the features of the sound around it, with silence before the beginning and after the end.
/// These are HEAR's timestamp embeddings for encoders that give one embedding per sound, computed as in HEAR's own
/// baseline.
struct TimestampRows: RowMaker {
    private let recordings: [(source: ClipSource, duration: Double)]
    private let clips: ClipSettings
    private let encoders: [TrainedRun.Encoding]
    private let grid: TimestampGrid
    private let mel: LogMel
    let count: Int
    let leftOut: [String] = []

    init(
        _ sources: [ClipSource], _ clips: ClipSettings, _ encoders: [TrainedRun.Encoding], _ grid: TimestampGrid
    ) throws {
        guard let mel = clips.mel, !encoders.contains(where: \.isVideo) else {
            throw KitError.usage("timestamps are for sound only: leave video encoders out of 'views'")
        }
        guard clips.tracks == nil else {
            throw KitError.usage("timestamps use the first sound track of a source: 'tracks' is only for clips")
        }
        (self.clips, self.encoders, self.grid, self.mel) = (clips, encoders, grid, mel)
        recordings = try sources.map { source in
            let media = try MediaFile(source.mainPath)
            guard !media.audioTracks.isEmpty else { throw KitError(.badData, "\(source.mainPath): has no sound") }
            return (source, source.duration ?? media.duration - source.start)
        }
        count = recordings.reduce(0) { $0 + grid.count(in: $1.duration) }
    }

    private var window: Double { grid.window ?? clips.seconds }

    var fingerprint: String {
        let spans = recordings.map { "\($0.source.id) \($0.source.start) \($0.duration)" }.joined(separator: "\n")
        return "\(spans)\nevery \(grid.hop) s, \(window) s, \(mel.settings) \(clips.melMean) \(clips.melDeviation)"
    }

    func forEachBatch(
        from first: Int, of size: Int, by share: RowShare,
        _ body: (_ rows: [FeatureJournal.Row], _ views: [(name: String, tensor: Tensor)]) throws -> Void
    ) throws {
        let samples = Int(saturating: (window * Double(mel.settings.sampleRate)).rounded())
        let shape = mel.shape(channels: 2, samples: samples)
        guard shape[0] > 0 else {
            throw KitError.usage("a window of \(window) s is shorter than a frame of the spectrogram")
        }
        var (rows, spectrograms): ([FeatureJournal.Row], [Float]) = ([], [])
        func flush() throws {
            guard !rows.isEmpty else { return }
            let batch = Tensor(spectrograms, Shape([rows.count] + shape.extents))
            clips.normalise(spectrogram: batch.pointer, count: batch.count)
            // Ctrl-C stops it within a layer.
            try body(rows, try ThreadPool.abandonable { try encoders.map { ($0.name, try $0.module(batch)) } })
            (rows, spectrograms) = ([], [])
        }
        var (skipped, position) = (first, 0)
        for (source, duration) in recordings {
            let moments = grid.count(in: duration)
            if skipped >= moments {
                skipped -= moments
                continue
            }
            var sound: Waveform?
            for moment in skipped..<moments {
                try Interrupt.check()
                defer { position += 1 }
                guard share.isOwn(batch: position / size) else {
                    try flush()
                    continue
                }
                let whole = try sound ?? read(source, duration, margin: samples)
                sound = whole
                let time = Double(moment) * grid.hop
                let start = Int((time * Double(mel.settings.sampleRate)).rounded()) + samples - samples / 2
                var heard = Waveform(channels: 2, count: samples, sampleRate: mel.settings.sampleRate)
                for channel in 0..<2 {
                    heard.values.replaceSubrange(
                        channel * samples..<(channel + 1) * samples,
                        with: whole[channel: channel].dropFirst(start).prefix(samples))
                }
                spectrograms += try mel(heard)
                rows.append(.init(id: FeatureSet.id(of: source.id, at: time), source: source.id, film: source.film))
                if rows.count == size { try flush() }
            }
            skipped = 0
        }
        try flush()
    }

    /// A whole recording, with the given number of silent samples before it and enough after it.
    private func read(_ source: ClipSource, _ duration: Double, margin: Int) throws -> Waveform {
        let (media, rate) = (try MediaFile(source.mainPath), mel.settings.sampleRate)
        let sound = try media.readAudio(
            track: media.audioTracks[0], start: source.start, duration: duration, sampleRate: rate)
        let silence = Waveform(channels: 2, count: margin, sampleRate: rate)
        return Waveform(joining: [silence, sound, silence, silence])
    }
}

extension FeatureSet {
    /// The name of a timestamp's row: "fold00/a.wav@1250", in milliseconds.
    static func id(of source: String, at seconds: Double) -> String {
        let milliseconds = (seconds * 1e6).rounded() / 1000
        let isWhole = milliseconds == milliseconds.rounded()
        return "\(source)@\(isWhole ? String(Int(saturating: milliseconds)) : String(milliseconds))"
    }

    /// The parts of such a name; nil for any other name.
    static func moment(_ id: String) -> (source: String, milliseconds: Double)? {
        guard let place = id.lastIndex(of: "@"), let time = Double(id[id.index(after: place)...]) else { return nil }
        return (String(id[..<place]), time)
    }
}
