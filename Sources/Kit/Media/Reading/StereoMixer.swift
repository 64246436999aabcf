import CAV
import KitCore

/// Brings decoded sound of any sample format and channel layout to stereo Float, at its own rate.
///
/// Mono is duplicated. More channels follow ITU-R BS.775: L = FL + FC/√2 + SL/√2 (back channels as side ones), LFE left out,
/// R likewise, and all divided by the sum of one side's weights so that nothing can clip: for 5.1,
/// L = 0.4142 FL + 0.2929 FC + 0.2929 SL. These are libswresample's default weights, so `ffmpeg -ac 2` to 16 bits agrees.
final class StereoMixer {
    private var context: OpaquePointer?
    private var layout = AVChannelLayout()
    private var format = AV_SAMPLE_FMT_NONE
    private var rate: Int32 = 0

    deinit {
        swr_free(&context)
        av_channel_layout_uninit(&layout)
    }

    /// Writes a frame's samples to `left` and `right`.
    func mix(
        _ frame: UnsafeMutablePointer<AVFrame>, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>,
        of name: String
    ) throws {
        let count = Int(frame.pointee.nb_samples)
        let channels = frame.pointee.ch_layout.nb_channels
        if AVSampleFormat(frame.pointee.format) == AV_SAMPLE_FMT_FLTP, channels <= 2 {
            let planes = frame.pointee.extended_data!
            for (index, target) in [left, right].enumerated() {
                let source = planes[min(index, Int(channels) - 1)]!
                UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * 4)
            }
            return
        }
        try prepare(for: frame, name)
        var rows: [UnsafeMutablePointer<UInt8>?] = [left, right].map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self)
        }
        let source = UnsafeMutableRawPointer(frame.pointee.extended_data!)
            .assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
        let done = try AVLibrary.check(
            swr_convert(context, &rows, Int32(count), source, Int32(count)), .badData, "\(name): cannot mix to stereo")
        precondition(done == count, "mixing at one rate must not hold samples back")
    }

    private func prepare(for frame: UnsafeMutablePointer<AVFrame>, _ name: String) throws {
        if context != nil, AVSampleFormat(frame.pointee.format) == format, frame.pointee.sample_rate == rate,
            av_channel_layout_compare(&layout, &frame.pointee.ch_layout) == 0
        {
            return
        }
        let channels = Int(frame.pointee.ch_layout.nb_channels)
        guard (1...AVLibrary.Limit.channels).contains(channels) else {
            throw KitError(.badData, "\(name): \(channels) channels; expected 1...\(AVLibrary.Limit.channels)")
        }
        swr_free(&context)
        av_channel_layout_copy(&layout, &frame.pointee.ch_layout)
        format = AVSampleFormat(frame.pointee.format)
        rate = frame.pointee.sample_rate
        var input = AVChannelLayout()
        defer { av_channel_layout_uninit(&input) }
        if layout.order == AV_CHANNEL_ORDER_UNSPEC {
            av_channel_layout_default(&input, Int32(channels))
        } else {
            av_channel_layout_copy(&input, &layout)
        }
        var stereo = AVChannelLayout()
        av_channel_layout_default(&stereo, 2)
        // swr_build_matrix2 normalises all the channels there could be, 64 x 64, whatever it is asked for.
        let stride = 64
        var weights = [Double](repeating: 1, count: stride * stride)
        if channels > 1 {
            try AVLibrary.check(
                swr_build_matrix2(
                    &input, &stereo, 0.5.squareRoot(), 0.5.squareRoot(), 0, 1, 1, &weights, stride,
                    AV_MATRIX_ENCODING_NONE, nil),
                .badData, "\(name): channels of unknown places cannot be mixed to stereo")
        }
        try AVLibrary.check(
            swr_alloc_set_opts2(&context, &stereo, AV_SAMPLE_FMT_FLTP, rate, &input, format, rate, 0, nil),
            .badData, "\(name): cannot set up mixing")
        try AVLibrary.check(swr_set_matrix(context, &weights, Int32(stride)), .badData, "\(name): cannot mix")
        try AVLibrary.check(swr_init(context), .badData, "\(name): cannot mix its channels to stereo")
    }
}
