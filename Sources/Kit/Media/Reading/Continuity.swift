import CAV
import KitCore
import Synchronization

/// Finds out from the times of packets where a file ends and whether it is one recording, if its header does not say.
///
/// Recordings may be joined end to end. In transport and program streams, MP3, ADTS, Ogg and FLAC, no header shows
/// this: the length is that of the first part, a seek can end in any part, and video of one part is combined with sound
/// of another. In other containers, only the first part is visible. Such files are refused.
struct Continuity: Sendable {
    /// The end of the last packet, in seconds on the container's clock; nil if the file is too large to read every
    /// packet.
    let end: Double?

    /// Larger files are checked only at this many places. A part shorter than their distance may then be found only by
    /// a complete decode.
    private static let wholeBytes = 256 << 20
    private static let places = 256
    /// Seconds without a packet of any stream after which ffmpeg also assumes that the times restart.
    private static let longestPause = 10.0
    /// Seconds by which equal times may differ.
    private static let sameTime = 0.03

    /// Nil if the container's header can be trusted.
    init?(_ demuxer: Demuxer) throws {
        let verdict = try Verdicts.shared.of(demuxer.place) {
            if let second = try SecondFile.place(behind: demuxer) {
                throw Self.joined(demuxer, "a second file begins at byte \(second)")
            }
            let saysNoLength = demuxer.statedLength == nil
            guard saysNoLength || demuxer.has(.isSearchedForJoints) else {
                return Continuity?.none
            }
            return saysNoLength || demuxer.place.range.count <= Self.wholeBytes
                ? Continuity(end: try Self.readAll(demuxer))
                : Continuity(end: try Self.sample(demuxer))
        }
        guard let verdict else { return nil }
        self = verdict
    }

    private init(end: Double?) { self.end = end }

    /// Reads every packet of video and sound.
    private static func readAll(_ demuxer: Demuxer) throws -> Double {
        var (first, last): ([Int: Double], [Int: Double]) = ([:], [:])
        var end = -Double.infinity
        // Gaps count only if the time stamps are those of the recording.
        let isClock = demuxer.has(.hasRecordingClock)
        var programClock = try ProgramClock(demuxer)
        demuxer.select(moving(demuxer))
        try demuxer.rewind()
        while let packet = try demuxer.read() {
            let stream = Int(packet.pointee.stream_index)
            programClock?.note(packet)
            guard let (time, slack, isDecoding) = time(of: packet, demuxer) else { continue }
            // Consecutive parts may overlap by about a frame. A short part before a complete one shows by a second
            // beginning.
            let beginsAnew = isClock && isDecoding && time <= first[stream, default: time - 1] + Self.sameTime
            if let before = last[stream], time < before - (beginsAnew ? Self.sameTime : slack) {
                throw joined(demuxer, "time goes back from \(seconds(before)) to \(seconds(time))")
            }
            first[stream] = first[stream] ?? time
            if isClock, end > -.infinity, time > end + longestPause {
                throw joined(demuxer, "time leaps from \(seconds(end)) to \(seconds(time))")
            }
            // Packets without a stated length (ASF) count as long as the one before.
            let stated = Double(max(0, packet.pointee.duration)) * tick(stream, demuxer)
            end = max(end, time + (stated > 0 ? stated : min(1, max(0, time - (last[stream] ?? time)))))
            last[stream] = max(last[stream] ?? time, time)
        }
        if let counted = programClock?.end { end = counted }
        if let length = demuxer.statedLength {
            let said = demuxer.start + length
            // Padding at the end is not played, and containers count it differently.
            guard end <= said + 0.5 || isClock || demuxer.has(.countsBuffering) else {
                throw joined(
                    demuxer, "its header says that it ends at \(seconds(said)), but it continues to \(seconds(end))")
            }
        }
        return max(0, end)
    }

    /// Checks a large file at evenly spaced places.
    private static func sample(_ demuxer: Demuxer) throws -> Double? {
        let size = demuxer.place.range.count
        var last: [Int: Double] = [:]
        demuxer.select(moving(demuxer))
        for place in 0..<places {
            guard try demuxer.seek(toByte: Int64(size / places * place)) else { return nil }
            var seen: Set<Int> = []
            for _ in 0..<64 {
                guard let packet = try demuxer.read() else { break }
                let stream = Int(packet.pointee.stream_index)
                guard !seen.contains(stream), let (time, slack, _) = time(of: packet, demuxer) else { continue }
                if let before = last[stream], time < before - slack {
                    throw joined(demuxer, "time goes back from \(seconds(before)) to \(seconds(time))")
                }
                last[stream] = time
                seen.insert(stream)
            }
        }
        return nil
    }

    private static func moving(_ demuxer: Demuxer) -> Set<Int> {
        Set(
            demuxer.streams.filter { $0.isTrack && $0.kind != AVMEDIA_TYPE_SUBTITLE }.map { Int($0.pointee.index) })
    }

    /// A time in seconds on the container's clock, and how much later packets may be earlier than it: decoding times
    /// ascend, but a frame can be stored before an earlier one that refers to it.
    private static func time(
        of packet: UnsafeMutablePointer<AVPacket>, _ demuxer: Demuxer
    ) -> (time: Double, slack: Double, isDecoding: Bool)? {
        let isDecoding = packet.pointee.dts != AVLibrary.noTimestamp
        let stamp = isDecoding ? packet.pointee.dts : packet.pointee.pts
        guard stamp != AVLibrary.noTimestamp else { return nil }
        return (Double(stamp) * tick(Int(packet.pointee.stream_index), demuxer), isDecoding ? 0.25 : 2, isDecoding)
    }

    private static func tick(_ stream: Int, _ demuxer: Demuxer) -> Double {
        demuxer.context.pointee.streams[stream]!.pointee.time_base.value
    }

    private static func joined(_ demuxer: Demuxer, _ sign: String) -> KitError {
        KitError(
            .badData,
            "\(demuxer.name): several recordings joined end to end (\(sign)): split them, or let ffmpeg rewrite them as one"
        )
    }
}

/// The results for files that were opened before: each file is checked once per process.
private final class Verdicts: Sendable {
    static let shared = Verdicts()
    private struct Key: Hashable {
        let file: FileIdentity
        let start: Int
    }
    private let known = Mutex<[Key: Result<Continuity?, KitError>]>([:])

    func of(_ place: MediaPlace, _ look: () throws -> Continuity?) throws -> Continuity? {
        let key = Key(file: place.identity, start: place.range.lowerBound)
        if let verdict = known.withLock({ $0[key] }) { return try verdict.get() }
        let verdict: Result<Continuity?, KitError>
        do {
            verdict = .success(try look())
        } catch let error as KitError where error.kind == .badData {
            verdict = .failure(error)
        }
        known.withLock { $0[key] = verdict }
        return try verdict.get()
    }
}
