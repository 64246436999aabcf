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
    /// frame.
    static func time(_ demuxer: Demuxer, _ stream: UnsafeMutablePointer<AVStream>) throws -> Double? {
        let tick = stream.pointee.time_base.value
        let declared =
            stream.pointee.start_time == AVLibrary.noTimestamp ? nil : Double(stream.pointee.start_time) * tick
        guard demuxer.has(.isCutAnywhere) else { return declared }
        do {
            return try firstDecoded(demuxer, stream).map { Double($0) * tick } ?? declared
        } catch let error as KitError where error.kind == .badData {
            return declared
        }
    }

    private static func firstDecoded(_ demuxer: Demuxer, _ stream: UnsafeMutablePointer<AVStream>) throws -> Int64? {
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
            if begun, try !decoder.decode(packet, take) { return shown }
        }
        if begun { _ = try decoder.decode(nil, take) }
        return shown
    }
}
