import CAV
import KitCore

/// Where each packet of a sound track lies in the whole track, from the time stamps of all.
///
/// Frames join without a gap unless a stamp is off by a good part of a frame. Where edits, fragments or recordings follow each
/// other, stamps leave the grid of frames by less than that: where a frame lies then depends on all before it, and a stretch that
/// is read after a seek is told from here, so that it is the same as in the whole track.
struct FrameJoins {
    private let samples: [Int64: Int]

    /// Reads every packet of the track, and decodes none.
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
        // Where a packet holds several frames, their stamps are not the packets'.
        self.samples = 2 * joins >= samples.count ? samples : [:]
    }

    /// The sample that a frame with this stamp begins with; nil if no packet has it.
    func sample(at stamp: Int64) -> Int? { samples[stamp] }
}
