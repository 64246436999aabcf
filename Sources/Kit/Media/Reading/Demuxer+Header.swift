import CAV

extension Demuxer {
    /// The start of the streams in seconds on the container's clock; 0 if unknown.
    var start: Double {
        let start = context.pointee.start_time
        return start == AVLibrary.noTimestamp ? 0 : Double(start) / 1e6
    }

    /// The duration in seconds from the header or from libav; nil if libav had to estimate it from the bit rate.
    var statedLength: Double? {
        guard context.pointee.duration > 0,
            context.pointee.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE
        else { return nil }
        return Double(context.pointee.duration) / 1e6
    }
}
