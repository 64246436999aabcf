import CAV
import KitCore

/// Counts the packets of a film's copy when they are written and when they are read back. Packets that a muxer silently
/// drops are thus found before the copy replaces the film.
struct PacketTally {
    /// The number of packets of one stream.
    private struct Count: Equatable {
        var all = 0
        /// Those that are decoded but not shown, because an edit leaves them out.
        var hidden = 0
        var untimed = 0
    }

    private let film: String
    /// By the stream's number in the copy.
    private var counts: [Int: Count] = [:]

    init(film: String) { self.film = film }

    /// Counts a packet under the number of its stream in the copy.
    mutating func note(_ packet: UnsafePointer<AVPacket>) { note(packet, stream: Int(packet.pointee.stream_index)) }

    private mutating func note(_ packet: UnsafePointer<AVPacket>, stream: Int) {
        counts[stream, default: Count()].all += 1
        if packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { counts[stream]!.hidden += 1 }
        if packet.pointee.pts == AVLibrary.noTimestamp { counts[stream]!.untimed += 1 }
    }

    /// Throws `.badData` unless the copy contains every packet, and a new track of the written length.
    ///
    /// - Parameters:
    ///   - path: the copy.
    ///   - streams: all streams of the copy in reading order, by the numbers under which they were written; without
    ///     attachments, which have no packets and can be anywhere.
    ///   - added: the new track's number.
    ///   - seconds: the length of the sound that was written to it.
    ///   - attachments: the bytes of the film's covers and other attachments.
    ///   - orientations: the orientations of the film's video streams, in order: libavformat 59 does not write them to
    ///     Matroska.
    func check(
        _ path: String, streams: [Int], added: Int, seconds heard: Double, orientations: [Orientation],
        attachments: [[UInt8]]
    ) throws {
        let copy = try Demuxer(path: path)
        // The stream information belongs to it.
        defer { withExtendedLifetime(copy) {} }
        // In some containers, chapters are a track of their own.
        let tracks = copy.streams.filter(\.isTrack)
        guard tracks.count == streams.count else {
            throw lost("it has \(counted(tracks.count, "track")) instead of \(streams.count)")
        }
        let videos = tracks.filter { $0.kind == AVMEDIA_TYPE_VIDEO }
        guard videos.map(StreamLayout.orientation) == orientations else {
            throw lost("its video would lose its orientation")
        }
        let kept = Attachments.all(copy.streams)
        guard kept.count == attachments.count, Set(kept) == Set(attachments) else {
            throw lost("its covers and other attachments would not all be kept")
        }
        let numbers = Dictionary(uniqueKeysWithValues: zip(tracks.map { Int($0.pointee.index) }, streams))
        var found = PacketTally(film: film)
        var ends: (first: Double, last: Double)?
        while let packet = try copy.read() {
            guard let number = numbers[Int(packet.pointee.stream_index)] else { continue }
            found.note(packet, stream: number)
            guard number == added, packet.pointee.pts != AVLibrary.noTimestamp else { continue }
            let tick = copy.streams[Int(packet.pointee.stream_index)].pointee.time_base.value
            let begin = Double(packet.pointee.pts) * tick
            ends = (ends?.first ?? begin, begin + Double(max(0, packet.pointee.duration)) * tick)
        }
        for (track, stream) in zip(tracks, streams) where stream != added {
            let (written, read) = (counts[stream] ?? Count(), found.counts[stream] ?? Count())
            // Some containers end each subtitle with an empty packet.
            let isSubtitle = track.kind == AVMEDIA_TYPE_SUBTITLE
            guard isSubtitle ? read.all >= written.all : read.all == written.all else {
                throw lost("its stream #\(stream) has \(read.all) packets instead of \(written.all)")
            }
            // Times before the film's start are lost in containers without negative times.
            guard read.untimed <= written.untimed else {
                throw lost("\(read.untimed - written.untimed) packets of its stream #\(stream) would have no time")
            }
            guard track.kind != AVMEDIA_TYPE_VIDEO || read.hidden == written.hidden else {
                throw lost("its edits would show other frames")
            }
        }
        let length = ends.map { $0.last - $0.first } ?? 0
        guard abs(length - heard) < 0.5 else {
            throw lost("its new track lasts \(seconds(length)) instead of \(seconds(heard))")
        }
    }

    private func lost(_ what: String) -> KitError { Self.lost(what, of: film) }

    static func lost(_ what: String, of film: String) -> KitError {
        KitError(.badData, "\(film): cannot be copied without loss: \(what); nothing was written")
    }
}
