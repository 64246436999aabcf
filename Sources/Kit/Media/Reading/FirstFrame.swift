import CAV
import KitCore

/// Finds the time of a film's first frame, at which its time line begins.
enum FirstFrame {
    /// The number of packets to search for a key frame.
    private static let patience = 5_000

    /// The time in seconds on the container's clock; nil if unknown.
    ///
    /// Containers that can be cut anywhere may begin in the middle of a group of pictures: their first packets refer to
    /// frames before them. The first frame that can be decoded counts, as in ffmpeg. Other containers begin with a key
    /// frame. Throws `.badData` if frames can be decoded but none of them has a timestamp.
    static func time(_ demuxer: Demuxer, _ stream: UnsafeMutablePointer<AVStream>) throws -> Double? {
        let tick = stream.pointee.time_base.value
        let declared =
            stream.pointee.start_time == AVLibrary.noTimestamp ? nil : Double(stream.pointee.start_time) * tick
        guard demuxer.has(.isCutAnywhere) else { return declared }
        let (shown, isDecoded): (Int64?, Bool)
        do {
            (shown, isDecoded) = try firstDecoded(demuxer, stream)
        } catch let error as KitError where error.kind == .badData {
            return declared
        }
        // A program stream may have been cut so that its only timestamp belongs to a frame that cannot be decoded.
        guard shown != nil || !isDecoded else {
            throw KitError(
                .badData,
                "\(demuxer.name): stream #\(stream.pointee.index): no frame that can be decoded has a timestamp, so it "
                    + "is not known when frames are shown: cut the film at another place, or let ffmpeg rewrite it")
        }
        return shown.map { Double($0) * tick } ?? declared
    }

    /// The ticks at which the first frame is shown, if a timestamp tells, and whether any frame can be decoded.
    private static func firstDecoded(
        _ demuxer: Demuxer, _ stream: UnsafeMutablePointer<AVStream>
    ) throws -> (shown: Int64?, isDecoded: Bool) {
        let decoder = try Decoder(stream, of: demuxer.name)
        let index = Int(stream.pointee.index)
        var shown: Int64?
        var before: Int64 = 0
        func take(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
            let stamp = SampleClock.stamp(frame)
            // In program streams, only one frame in several has a time stamp: the frames before the first one are
            // counted.
            if stamp == AVLibrary.noTimestamp {
                before += decoder.frameTicks(frame, rate: stream.pointee.avg_frame_rate.value)
            } else {
                shown = stamp - before
            }
            return shown == nil
        }
        demuxer.select([index])
        try demuxer.rewind()
        var begun = false
        var seen = 0
        while seen < patience, let packet = try demuxer.readFrame(stream: index) {
            seen += 1
            begun = begun || packet.pointee.flags & AV_PKT_FLAG_KEY != 0
            if begun, try !decoder.decode(packet, take) { return (shown, true) }
        }
        if begun { _ = try decoder.decode(nil, take) }
        return (shown, shown != nil || before > 0)
    }
}
