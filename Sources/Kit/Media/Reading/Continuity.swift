import CAV
import Glibc
import KitCore
import Synchronization

/// What the packets' times say of a file whose header says too little: where it ends, and whether it is one recording.
///
/// Recordings may be laid end to end. In transport and program streams, MP3, ADTS, Ogg and FLAC no header tells: the length is
/// that of the first part, a seek lands in any of them, and pictures of one meet sound of the other. Of other containers the
/// first part alone is seen. Such files are refused.
struct Continuity: Sendable {
    /// Seconds on the container's clock behind the last packet; nil if the file was too large to read every packet.
    let end: Double?

    /// Larger files are looked into at so many places instead of whole: a part shorter than the distance of two may then
    /// be found by a complete decode alone.
    private static let wholeBytes = 256 << 20
    private static let places = 256
    /// Seconds without a packet of any stream after which ffmpeg, too, takes the times to begin anew.
    private static let longestPause = 10.0
    /// Seconds by which two times may differ and be the same.
    private static let sameTime = 0.03

    /// Nil where the container's header is to be trusted.
    init?(_ demuxer: Demuxer) throws {
        let verdict = try Verdicts.shared.of(demuxer.path) {
            if let second = try SecondFile.place(behind: demuxer) {
                throw Self.joined(demuxer, "a second file begins at byte \(second)")
            }
            let saysNoLength = demuxer.statedLength == nil
            guard saysNoLength || demuxer.has(.isSearchedForJoints) else {
                return Continuity?.none
            }
            return saysNoLength || (Self.size(demuxer.path) ?? 0) <= Self.wholeBytes
                ? Continuity(end: try Self.readAll(demuxer))
                : Continuity(end: try Self.sample(demuxer))
        }
        guard let verdict else { return nil }
        self = verdict
    }

    private init(end: Double?) { self.end = end }

    private static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Reads every packet of pictures and sound.
    private static func readAll(_ demuxer: Demuxer) throws -> Double {
        var (first, last): ([Int: Double], [Int: Double]) = ([:], [:])
        var end = -Double.infinity
        // Only where stamps are the recording's clock is a pause one of the recording.
        let isClock = demuxer.has(.hasRecordingClock)
        var programClock = try ProgramClock(demuxer)
        demuxer.select(moving(demuxer))
        try demuxer.rewind()
        while let packet = try demuxer.read() {
            let stream = Int(packet.pointee.stream_index)
            programClock?.note(packet)
            guard let (time, slack, isDecoding) = time(of: packet, demuxer) else { continue }
            // Parts that follow each other may overlap by a frame or so; a short part before a whole one is known by a beginning
            // that comes twice.
            let beginsAnew = isClock && isDecoding && time <= first[stream, default: time - 1] + Self.sameTime
            if let before = last[stream], time < before - (beginsAnew ? Self.sameTime : slack) {
                throw joined(demuxer, "time goes back from \(seconds(before)) to \(seconds(time))")
            }
            first[stream] = first[stream] ?? time
            if isClock, end > -.infinity, time > end + longestPause {
                throw joined(demuxer, "time leaps from \(seconds(end)) to \(seconds(time))")
            }
            // Where packets do not say how long they last (ASF), each lasts as long as the one before.
            let stated = Double(max(0, packet.pointee.duration)) * tick(stream, demuxer)
            end = max(end, time + (stated > 0 ? stated : min(1, max(0, time - (last[stream] ?? time)))))
            last[stream] = max(last[stream] ?? time, time)
        }
        if let counted = programClock?.end { end = counted }
        if let length = demuxer.statedLength {
            let said = demuxer.start + length
            // Padding at the end is not played, and is counted differently.
            guard end <= said + 0.5 || isClock || demuxer.has(.countsBuffering) else {
                throw joined(
                    demuxer, "its header says that it ends at \(seconds(said)), but it goes on to \(seconds(end))")
            }
        }
        return max(0, end)
    }

    /// Looks into a large file at places that lie evenly.
    private static func sample(_ demuxer: Demuxer) throws -> Double? {
        guard let size = size(demuxer.path) else { return nil }
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

    /// Seconds on the container's clock, and by how much order may differ from it: decoding times ascend, but pictures are
    /// stored before earlier ones that refer to them.
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
            "\(demuxer.name): several recordings joined end to end (\(sign)): split them, or let ffmpeg write them anew as one"
        )
    }
}

/// What was found of files that were opened before: each is looked through once in a process.
private final class Verdicts: Sendable {
    static let shared = Verdicts()
    private struct Key: Hashable { let device, inode, size, seconds, nanoseconds: Int }
    private let known = Mutex<[Key: Result<Continuity?, KitError>]>([:])

    func of(_ path: String, _ look: () throws -> Continuity?) throws -> Continuity? {
        guard let key = key(path) else { return try look() }
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

    private func key(_ path: String) -> Key? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Key(
            device: Int(bitPattern: UInt(status.st_dev)), inode: Int(bitPattern: UInt(status.st_ino)),
            size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }
}
