import CAV
import KitCore

/// The time at which the content of a program stream's packets ends.
///
/// In program streams, only one packet in several has a timestamp; the packets after it follow without a pause. The
/// last timestamp may come most of a second before the end.
struct ProgramClock {
    private let demuxer: Demuxer
    private var streams: [Int: Stream] = [:]
    /// Frames per second, by the index of each stream whose codec states them.
    private var rates: [Int: Double] = [:]
    /// The maximum number of packets to decode to find the rate.
    private static let patience = 100

    /// The packets of a stream since its last timestamp. Times are in seconds.
    private struct Stream {
        var stamp: Double
        var packets = 0
        /// Their total duration as they state it; only packets of sound do.
        var stated = 0.0
        /// How long a frame is shown: as the codec states, or else the shortest mean duration of packets between two
        /// timestamps. The mean is longer where frames are left out.
        var length: Double
    }

    /// Nil for other containers, whose packets all have timestamps. Reads the beginning of the file.
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

    /// The frame rate in the codec's own headers. libav reports it only for containers with more timestamps.
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

    /// Counts a packet of video or sound. Must be called for each packet in order.
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
