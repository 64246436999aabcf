import CAV
import KitCore

/// Until when the content of a program stream's packets lasts.
///
/// Program streams stamp one packet in several: those behind it follow each other without a pause. The last stamp may lie
/// most of a second before the end.
struct ProgramClock {
    private let demuxer: Demuxer
    private var streams: [Int: Stream] = [:]
    /// Pictures a second, by the streams whose codec states it.
    private var rates: [Int: Double] = [:]
    /// Packets to decode to learn the rate.
    private static let patience = 100

    /// What came of a stream since its last stamp, in seconds.
    private struct Stream {
        var stamp: Double
        var packets = 0
        /// How long they are by what they say themselves: packets of sound alone do.
        var stated = 0.0
        /// How long a picture is shown: as the codec says, else the shortest mean length of packets from one stamp to the next,
        /// which is longer where pictures are left out.
        var length: Double
    }

    /// Nil for a container of another format, whose packets all have stamps. Reads the stream's beginning.
    init?(_ demuxer: Demuxer) throws {
        guard demuxer.has(.hasSparseStamps) else { return nil }
        self.demuxer = demuxer
        for stream in demuxer.streams where stream.kind == AVMEDIA_TYPE_VIDEO {
            let index = Int(stream.pointee.index)
            do { rates[index] = try Self.rate(of: stream, demuxer) } catch let error as KitError
                where error.kind == .badData
            {}
        }
    }

    /// What the codec's own headers say, which libav would tell of a container alone that has more stamps.
    private static func rate(of stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) throws -> Double? {
        let decoder = try Decoder(stream, of: demuxer.name)
        let index = Int(stream.pointee.index)
        demuxer.select([index])
        try demuxer.rewind()
        for _ in 0..<patience {
            guard let packet = try demuxer.readFrame(stream: index) else { break }
            _ = try decoder.decode(packet) { _ in true }
            let stated = decoder.context.pointee.framerate.value
            if stated > 0 { return stated }
        }
        return nil
    }

    /// Counts a packet of pictures or sound; to be called for each in turn.
    mutating func note(_ packet: UnsafeMutablePointer<AVPacket>) {
        let index = Int(packet.pointee.stream_index)
        let source = demuxer.context.pointee.streams[index]!
        guard [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO].contains(source.kind) else { return }
        let tick = source.pointee.time_base.value
        let ticks = packet.pointee.dts != AVLibrary.noTimestamp ? packet.pointee.dts : packet.pointee.pts
        if ticks != AVLibrary.noTimestamp {
            let stamp = Double(ticks) * tick
            var length = rates[index].map { 1 / $0 } ?? streams[index]?.length ?? .infinity
            if rates[index] == nil, let before = streams[index], stamp > before.stamp {
                length = min(length, (stamp - before.stamp) / Double(before.packets))
            }
            streams[index] = Stream(stamp: stamp, length: length)
        }
        streams[index]?.packets += 1
        streams[index]?.stated += Double(max(0, packet.pointee.duration)) * tick
    }

    /// Seconds on the container's clock at which the last picture or sample so far ends; nil while nobody says, as after a seek.
    var end: Double? {
        streams.map { index, stream in
            guard stream.stated == 0, stream.length.isFinite else { return stream.stamp + stream.stated }
            // Pictures are shown as many later as are stored ahead of others.
            let delay = demuxer.context.pointee.streams[index]!.pointee.codecpar.pointee.video_delay
            return stream.stamp + Double(stream.packets + Int(max(0, delay))) * stream.length
        }.max()
    }
}
