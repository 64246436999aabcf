import CAV
import KitCore

/// Distinguishes a stream that ends before the film from a truncated file. `data check` and all reads use it.
final class FilmEnd {
    /// Seconds by which ends may differ: encoders pad and cut by about a frame, and containers round.
    static let slack = 0.5

    private let path: String
    private let zero: Double
    private let duration: Double
    private var isReached: Bool?

    /// - Parameters:
    ///   - zero: seconds on the container's clock at which the film's time line begins.
    ///   - duration: the film's duration in seconds.
    ///   - isReached: whether any stream reaches the end of the film, if that is known already.
    init(path: String, zero: Double, duration: Double, isReached: Bool? = nil) {
        self.path = path
        self.zero = zero
        self.duration = duration
        self.isReached = isReached
    }

    /// Whether a stream whose content ends at `end` (seconds on the film's time line) is truncated: its header states a
    /// later end (`stated`), or it states none and no stream of the file reaches the end of the film.
    func isCutShort(at end: Double, stated: Double?) throws -> Bool {
        if end >= min(stated ?? .infinity, duration) - Self.slack { return false }
        return try stated != nil || !isFileWhole()
    }

    /// Whether any stream reaches the end of the film. Reads the last second of the file, once.
    private func isFileWhole() throws -> Bool {
        if let isReached { return isReached }
        let demuxer = try Demuxer(path: path)
        var programClock = try ProgramClock(demuxer)
        let last = zero + duration
        demuxer.select(Set(demuxer.streams.map { Int($0.pointee.index) }))
        if let stream = demuxer.streams.first(where: { $0.pointee.time_base.value > 0 }) {
            let ticks = Int64(max(0, last - 2) / stream.pointee.time_base.value)
            try demuxer.seek(to: ticks, stream: Int(stream.pointee.index))
        }
        var end = -Double.infinity
        while let packet = try demuxer.read(), end < last - Self.slack {
            programClock?.note(packet)
            if let counted = programClock?.end { end = max(end, counted) }
            let stream = demuxer.streams[Int(packet.pointee.stream_index)]
            guard packet.pointee.pts != AVLibrary.noTimestamp else { continue }
            let stamp = packet.pointee.pts + max(0, packet.pointee.duration)
            end = max(end, Double(stamp) * stream.pointee.time_base.value)
        }
        isReached = end >= last - Self.slack
        return isReached!
    }
}
