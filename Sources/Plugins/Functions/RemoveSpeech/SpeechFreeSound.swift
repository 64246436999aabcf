import Kit

/// A film's track without speech, piece by piece.
struct SpeechFreeSound {
    private let job: SpeechRemovalJob
    private let reader = MediaFilmReader()
    private let stream: SeparationStream
    private let sampleRate: Int
    private let total: Int
    private var position = 0
    private var isOver = false

    /// The number of samples to decode at once.
    private var piece: Int { 30 * sampleRate }
    var seconds: Double { Double(position) / Double(sampleRate) }

    init(_ job: SpeechRemovalJob, _ separator: any Separator, sampleRate: Int) throws {
        self.job = job
        self.sampleRate = sampleRate
        stream = try SeparationStream(separator, sampleRate: sampleRate)
        total = Int(saturating: job.seconds * Double(sampleRate))
    }

    /// The next piece; nil at the end.
    mutating func next() throws -> Waveform? {
        guard !isOver else { return nil }
        guard position < total else {
            isOver = true
            return try stream.finish()
        }
        let count = min(piece, total - position)
        let rate = Double(sampleRate)
        let sound = try reader.audio(
            of: job.source, language: job.language, start: Double(position) / rate, duration: Double(count) / rate,
            sampleRate: sampleRate)
        position += count
        return try stream.separate(sound)
    }
}
