import CAV
import KitCore

/// The packets of one video stream from a key frame up to a time. They show which frames exist before any of them is
/// decoded.
final class PacketRun {
    private(set) var packets: [UnsafeMutablePointer<AVPacket>] = []
    /// Whether every frame up to the last requested time is in `packets`.
    private(set) var isComplete = false
    private(set) var reachedEnd = false

    /// A run with more packets than this is left incomplete, and the rest is decoded while it is read.
    private static let byteLimit = 64 << 20
    /// In no codec is a frame stored more than 16 packets after one that is shown later.
    private static let deepestReordering = 18

    /// Reads on until all frames with a time <= `last` are there.
    ///
    /// - Parameter fromKey: whether to skip packets before the first key frame. In a container without an index of key
    ///   frames, a seek leads into the middle of a group of pictures, which some decoders (HEVC, MPEG-4) show in grey.
    ///   The run is empty if there is no key frame.
    init(_ demuxer: Demuxer, stream: Int, through last: Int64, fromKey: Bool) throws {
        var bytes = 0
        var later = 0
        while bytes < Self.byteLimit {
            guard let packet = try demuxer.readFrame(stream: stream) else {
                (isComplete, reachedEnd) = (true, true)
                return
            }
            guard packet.pointee.size > 0 else { continue }
            bytes += Int(packet.pointee.size)
            if !fromKey || !packets.isEmpty || packet.pointee.flags & AV_PKT_FLAG_KEY != 0 {
                packets.append(av_packet_clone(packet))
            }
            if packet.pointee.pts != AVLibrary.noTimestamp, packet.pointee.pts > last { later += 1 }
            if packet.pointee.dts != AVLibrary.noTimestamp, packet.pointee.dts > last { isComplete = true }
            if later >= Self.deepestReordering { isComplete = true }
            if isComplete { return }
        }
    }

    deinit {
        for packet in packets {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
    }

    /// All presentation times in ascending order; nil unless every packet has one and the run is complete.
    lazy var times: [Int64]? = {
        let shown = packets.filter { !Self.isHidden($0) }
        guard isComplete, !shown.isEmpty, !shown.contains(where: { $0.pointee.pts == AVLibrary.noTimestamp }) else {
            return nil
        }
        return shown.map(\.pointee.pts).sorted()
    }()

    /// Whether a packet's frame is not shown: an edit leaves it out, but other frames refer to it.
    static func isHidden(_ packet: UnsafePointer<AVPacket>) -> Bool { packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 }

    /// The decoding time at which the run begins.
    var start: Int64? {
        guard let first = packets.first?.pointee else { return nil }
        let stamp = first.dts == AVLibrary.noTimestamp ? first.pts : first.dts
        return stamp == AVLibrary.noTimestamp ? nil : stamp
    }
}
