import CAV
import KitCore

/// The position of each packet of a sound track in the whole track, from the time stamps of all packets.
///
/// Frames join without a gap unless a time stamp is off by a large part of a frame. Between edits, fragments or
/// recordings, stamps deviate from the grid of frames by less than that. The position of a frame then depends on all
/// frames before it. A segment that is read after a seek takes its position from here, so that it is the same as in the
/// whole track.
struct FrameJoins {
    private let samples: [Int64: Int]

    /// Reads every packet of the track without decoding.
    init(path: String, stream index: Int, clock: SampleClock) throws {
        let demuxer = try Demuxer(path: path)
        demuxer.select([index])
        let tick = demuxer.streams[index].pointee.time_base.value
        var samples: [Int64: Int] = [:]
        var next: Int?
        var joins = 0
        while let packet = try demuxer.read() {
            guard Int(packet.pointee.stream_index) == index, packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0,
                packet.pointee.pts != AVLibrary.noTimestamp
            else { continue }
            let stamp = packet.pointee.pts
            let begin = next.map { clock.sample(at: stamp, after: $0) } ?? clock.sample(at: stamp)
            if begin == next { joins += 1 }
            samples[stamp] = begin
            let stated = Double(max(0, packet.pointee.duration)) * tick * Double(clock.rate)
            next = begin + (clock.frameLength ?? Int(saturating: stated))
        }
        // If a packet contains several frames, their time stamps differ from the packet's.
        self.samples = 2 * joins >= samples.count ? samples : [:]
    }

    /// The first sample of a frame with this time stamp; nil if no packet has it.
    func sample(at stamp: Int64) -> Int? { samples[stamp] }
}
