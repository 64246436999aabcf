import CAV
import KitCore

/// Counts the packets of a film's copy as they are written, and again as they are read back: what a muxer drops without an
/// error is found before the copy takes the film's place.
struct PacketTally {
    private let film: String
    /// By the stream's number in the copy.
    private var counts: [Int: Int] = [:]

    init(film: String) { self.film = film }

    /// Notes a packet under its stream's number in the copy.
    mutating func note(_ packet: UnsafePointer<AVPacket>) { counts[Int(packet.pointee.stream_index), default: 0] += 1 }

    /// Throws `.badData` unless every packet is in the copy, and a new track of the length that was written.
    ///
    /// - Parameters:
    ///   - path: the copy.
    ///   - streams: all streams of the copy in the order in which they are read, by the numbers they were written under;
    ///     without attachments, which have no packets and may come anywhere.
    ///   - added: the new track's number.
    ///   - seconds: how much sound was written to it.
    ///   - orientations: how the film's pictures are shown, in their order: libavformat 59 does not write how a film in Matroska
    ///     is turned.
    func check(
        _ path: String, streams: [Int], added: Int, seconds heard: Double, orientations: [Orientation]
    ) throws {
        let copy = try Demuxer(path: path)
        // What it says of its streams goes with it.
        defer { withExtendedLifetime(copy) {} }
        // Chapters may be a track of their own to some containers.
        let tracks = copy.streams.filter(\.isTrack)
        guard tracks.count == streams.count else {
            throw lost("it has \(tracks.count) tracks instead of \(streams.count)")
        }
        let pictures = tracks.filter { $0.kind == AVMEDIA_TYPE_VIDEO }
        guard pictures.map(StreamLayout.orientation) == orientations else {
            throw lost("its pictures would not be shown as they are turned now")
        }
        let numbers = Dictionary(uniqueKeysWithValues: zip(tracks.map { Int($0.pointee.index) }, streams))
        var found = PacketTally(film: film)
        var ends: (first: Double, last: Double)?
        while let packet = try copy.read() {
            guard let number = numbers[Int(packet.pointee.stream_index)] else { continue }
            found.counts[number, default: 0] += 1
            guard number == added, packet.pointee.pts != AVLibrary.noTimestamp else { continue }
            let tick = copy.streams[Int(packet.pointee.stream_index)].pointee.time_base.value
            let begin = Double(packet.pointee.pts) * tick
            ends = (ends?.first ?? begin, begin + Double(max(0, packet.pointee.duration)) * tick)
        }
        for (track, stream) in zip(tracks, streams) where stream != added {
            let (written, read) = (counts[stream] ?? 0, found.counts[stream] ?? 0)
            // Some containers end each subtitle by an empty packet.
            let isSubtitle = track.kind == AVMEDIA_TYPE_SUBTITLE
            guard isSubtitle ? read >= written : read == written else {
                throw lost("its stream #\(stream) has \(read) packets instead of \(written)")
            }
        }
        let length = ends.map { $0.last - $0.first } ?? 0
        guard abs(length - heard) < 0.5 else {
            throw lost("its new track lasts \(seconds(length)) instead of \(seconds(heard))")
        }
    }

    private func lost(_ what: String) -> KitError {
        KitError(.badData, "\(film): cannot be copied without loss: \(what); nothing was written")
    }
}
