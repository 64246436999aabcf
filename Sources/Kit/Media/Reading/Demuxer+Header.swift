import CAV

extension Demuxer {
    /// Seconds on the container's clock at which its streams begin; 0 if nobody says.
    var start: Double {
        let start = context.pointee.start_time
        return start == AVLibrary.noTimestamp ? 0 : Double(start) / 1e6
    }

    /// Seconds from there to the end, as the header says or libav worked out; nil if libav had to guess from the bit rate.
    var statedLength: Double? {
        guard context.pointee.duration > 0,
            context.pointee.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE
        else { return nil }
        return Double(context.pointee.duration) / 1e6
    }
}
