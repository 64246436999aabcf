import CAV
import KitCore

/// Changes the sample rate with libsoxr (its "high quality" setting, 20 bits), as libswresample drives it.
///
/// Output sample n is at the time of input sample n · from / to: the delay of the filter is removed. Feed a signal in
/// pieces of any size, then call `finish`.
public final class Resampler {
    public let from: Int
    public let to: Int
    public let channels: Int
    private var context: OpaquePointer?

    /// Rates in samples per second, 1 000...768 000.
    public init(from: Int, to: Int, channels: Int) throws {
        try AVLibrary.prepare()
        let rates = Waveform.sampleRates
        guard rates.contains(from), rates.contains(to), (1...AVLibrary.Limit.channels).contains(channels) else {
            throw KitError.usage(
                "resampling \(counted(channels, "channel")) from \(from) to \(to) Hz: expected \(rates.lowerBound)...\(rates.upperBound) Hz"
            )
        }
        self.from = from
        self.to = to
        self.channels = channels
        var layout = AVChannelLayout()
        av_channel_layout_default(&layout, Int32(channels))
        let status = withUnsafeMutablePointer(to: &layout) {
            swr_alloc_set_opts2(
                &context, $0, AV_SAMPLE_FMT_FLTP, Int32(to), $0, AV_SAMPLE_FMT_FLTP, Int32(from), 0, nil)
        }
        try AVLibrary.check(status, .internalFault, "cannot set up resampling")
        av_opt_set_int(UnsafeMutableRawPointer(context), "resampler", Int64(SWR_ENGINE_SOXR.rawValue), 0)
        try AVLibrary.check(swr_init(context), .internalFault, "cannot resample from \(from) to \(to) Hz")
    }

    deinit { swr_free(&context) }

    /// Takes `count` samples of each channel and returns the output that is ready: [channels, ready].
    public func resample(_ input: [UnsafePointer<Float>], count: Int) throws -> Waveform {
        precondition(input.count == channels, "a resampler of \(channels) channels was given \(input.count)")
        let room = Int(swr_get_out_samples(context, Int32(count)))
        return try convert(room: room) { output in
            input.withUnsafeBufferPointer { pointers in
                pointers.withMemoryRebound(to: UnsafePointer<UInt8>?.self) {
                    swr_convert(
                        context, output, Int32(room), UnsafeMutablePointer(mutating: $0.baseAddress!), Int32(count))
                }
            }
        }
    }

    /// The same for a piece of sound.
    public func resample(_ sound: Waveform) throws -> Waveform {
        try sound.values.withUnsafeBufferPointer { values in
            // An empty array may have no memory, and libswresample would take nil for the end.
            guard let first = values.baseAddress, sound.count > 0 else {
                return Waveform(channels: channels, count: 0, sampleRate: to)
            }
            return try resample((0..<channels).map { first + $0 * sound.count }, count: sound.count)
        }
    }

    /// Returns the rest of the output after the input has ended.
    public func finish() throws -> Waveform {
        let room = max(64, Int(swr_get_out_samples(context, 0)))
        return try convert(room: room) { swr_convert(context, $0, Int32(room), nil, 0) }
    }

    private func convert(
        room: Int, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
    ) throws -> Waveform {
        var values = [Float](repeating: 0, count: room * channels)
        let ready = values.withUnsafeMutableBytes { bytes in
            var rows: [UnsafeMutablePointer<UInt8>?] = (0..<channels).map {
                bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) + $0 * room * 4
            }
            return body(&rows)
        }
        let count = Int(try AVLibrary.check(ready, .internalFault, "cannot resample"))
        let kept = (0..<channels).flatMap { values[$0 * room..<$0 * room + count] }
        return Waveform(channels: channels, count: count, sampleRate: to, values: kept)
    }
}

extension Waveform {
    /// The same sound at another rate: ceil(count · rate / sampleRate) samples.
    public func resampled(to rate: Int) throws -> Waveform {
        if rate == sampleRate { return self }
        let resampler = try Resampler(from: sampleRate, to: rate, channels: channels)
        let whole = Waveform(joining: [try resampler.resample(self), try resampler.finish()])
        return whole.fitted(to: (count * rate + sampleRate - 1) / sampleRate)
    }
}
