import CAV
import KitCore

/// Converts decoded sound of any sample format and channel layout to stereo Float, at its own rate.
///
/// Mono is duplicated. More channels are mixed by ITU-R BS.775: L = FL + FC/√2 + SL/√2 (back channels count as side
/// channels), R likewise, without LFE. All is divided by the sum of the weights of one side so that nothing can clip:
/// for 5.1, L = 0.4142 FL + 0.2929 FC + 0.2929 SL. These are libswresample's default weights, so `ffmpeg -ac 2` to 16
/// bits gives the same.
///
/// Every decoded sample of the kit passes through here, so this is where unusable sound is refused.
final class StereoMixer {
    /// 120 dB above full scale. Float files may exceed full scale, and some contain unscaled 16-bit numbers. Anything
    /// larger is damage, which would lead to values that are not finite in training.
    private static let largestSample: Float = 0x1p20

    private let expectedRate: Int
    private let place: String
    private var context: OpaquePointer?
    private var layout = AVChannelLayout()
    private var format = AV_SAMPLE_FMT_NONE
    private var rate: Int32 = 0

    /// - Parameters:
    ///   - rate: the track's samples per second, which must not change.
    ///   - place: the file and the track, for messages.
    init(rate: Int, of place: String) {
        expectedRate = rate
        self.place = place
    }

    deinit {
        swr_free(&context)
        av_channel_layout_uninit(&layout)
    }

    /// Writes a frame's samples to `left` and `right`. Throws `.badData` if the rate has changed or a sample is
    /// invalid.
    func mix(
        _ frame: UnsafeMutablePointer<AVFrame>, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>
    ) throws {
        guard Int(frame.pointee.sample_rate) == expectedRate else {
            throw KitError(
                .badData,
                "\(place): its rate changes from \(expectedRate) to \(frame.pointee.sample_rate) Hz in the middle: "
                    + "several recordings joined end to end?")
        }
        try convert(frame, left: left, right: right)
        for samples in [left, right] {
            try check(UnsafeBufferPointer(start: samples, count: Int(frame.pointee.nb_samples)))
        }
    }

    private func check(_ samples: UnsafeBufferPointer<Float>) throws {
        // Compared as integers, magnitudes keep their order, and NaN and infinity are above all others.
        let limit = Int32(bitPattern: Self.largestSample.bitPattern)
        var largest: Int32 = 0
        for sample in samples { largest = max(largest, Int32(bitPattern: sample.bitPattern & 0x7fff_ffff)) }
        guard largest > limit else { return }
        let value = Float(bitPattern: UInt32(bitPattern: largest))
        throw KitError(.badData, "\(place): a sample of \(value) times full scale: damaged, or not sound")
    }

    private func convert(
        _ frame: UnsafeMutablePointer<AVFrame>, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>
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
        try prepare(for: frame)
        var rows: [UnsafeMutablePointer<UInt8>?] = [left, right].map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self)
        }
        let source = UnsafeMutableRawPointer(frame.pointee.extended_data!)
            .assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
        let done = try AVLibrary.check(
            swr_convert(context, &rows, Int32(count), source, Int32(count)), .badData, "\(place): cannot mix to stereo")
        precondition(done == count, "mixing at one rate must not hold samples back")
    }

    private func prepare(for frame: UnsafeMutablePointer<AVFrame>) throws {
        if context != nil, AVSampleFormat(frame.pointee.format) == format, frame.pointee.sample_rate == rate,
            av_channel_layout_compare(&layout, &frame.pointee.ch_layout) == 0
        {
            return
        }
        let channels = Int(frame.pointee.ch_layout.nb_channels)
        guard (1...AVLibrary.Limit.channels).contains(channels) else {
            throw KitError(
                .badData, "\(place): \(counted(channels, "channel")); expected 1...\(AVLibrary.Limit.channels)")
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
        // swr_build_matrix2 normalises all 64 x 64 possible channels, whatever the layout.
        let stride = 64
        var weights = [Double](repeating: 1, count: stride * stride)
        if channels > 1 {
            try AVLibrary.check(
                swr_build_matrix2(
                    &input, &stereo, 0.5.squareRoot(), 0.5.squareRoot(), 0, 1, 1, &weights, stride,
                    AV_MATRIX_ENCODING_NONE, nil),
                .badData, "\(place): channels of unknown positions cannot be mixed to stereo")
        }
        try AVLibrary.check(
            swr_alloc_set_opts2(&context, &stereo, AV_SAMPLE_FMT_FLTP, rate, &input, format, rate, 0, nil),
            .badData, "\(place): cannot set up mixing")
        try AVLibrary.check(swr_set_matrix(context, &weights, Int32(stride)), .badData, "\(place): cannot mix")
        try AVLibrary.check(swr_init(context), .badData, "\(place): cannot mix its channels to stereo")
    }
}
