import CAV
import KitCore

/// The decoder of one stream. It runs only on the calling thread: for parallel reading, use one `MediaFile` per thread.
final class Decoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    /// The number of undecodable packets since the decoder was opened.
    private(set) var faults = 0
    private let name: String
    private let faultBudget: Int

    /// Skips up to `faultBudget` damaged packets before it gives up the stream.
    init(_ stream: UnsafeMutablePointer<AVStream>, of name: String, faultBudget: Int = 32) throws {
        self.name = "\(name): stream #\(stream.pointee.index)"
        self.faultBudget = faultBudget
        let parameters = stream.pointee.codecpar!
        guard let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw KitError(
                .badData,
                "\(self.name): no decoder for \(String(cString: avcodec_get_name(parameters.pointee.codec_id)))")
        }
        context = avcodec_alloc_context3(codec)
        frame = av_frame_alloc()
        // From here on, deinit cleans up after an error.
        try AVLibrary.check(
            avcodec_parameters_to_context(context, parameters), .badData, "\(self.name): bad parameters")
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.thread_count = 1
        context.pointee.max_pixels = AVLibrary.Limit.pixels
        // AC-3 and E-AC-3: derive dither from the bits of the frame, so that it does not depend on where decoding
        // began.
        var options: OpaquePointer?
        av_dict_set(&options, "cons_noisegen", "1", 0)
        defer { av_dict_free(&options) }
        try AVLibrary.check(
            avcodec_open2(context, codec, &options), .badData, "\(self.name): cannot open its decoder")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Resets all state, as after a seek.
    func flush() { avcodec_flush_buffers(context) }

    /// Decodes one packet, or flushes the decoder if it is nil, and calls `body` for each frame until that returns
    /// false. Returns whether `body` wants more.
    func decode(_ packet: UnsafeMutablePointer<AVPacket>?, _ body: (UnsafeMutablePointer<AVFrame>) throws -> Bool)
        throws
        -> Bool
    {
        try Interrupt.check()
        try tolerate(avcodec_send_packet(context, packet))
        while true {
            let status = avcodec_receive_frame(context, frame)
            if status == AVLibrary.tryAgain || status == AVLibrary.endOfFile { return true }
            if status < 0 {
                try tolerate(status)
                return true
            }
            defer { av_frame_unref(frame) }
            if try !body(frame) { return false }
        }
    }

    /// The duration of a frame in ticks of its stream, from the codec's rate or else from `rate` (frames per second).
    /// Some frames last one field longer.
    func frameTicks(_ frame: UnsafeMutablePointer<AVFrame>, rate: Double) -> Int64 {
        let stated = context.pointee.framerate.value
        let length = 1 / (stated > 0 ? stated : rate > 0 ? rate : 25) / context.pointee.pkt_timebase.value
        return max(1, Int64((length * (1 + Double(frame.pointee.repeat_pict) / 2)).rounded()))
    }

    private func tolerate(_ status: Int32) throws {
        guard status < 0, status != AVLibrary.endOfFile else { return }
        faults += 1
        if faults > faultBudget {
            throw KitError(.badData, "\(name) is too damaged to decode: \(AVLibrary.message(status))")
        }
    }
}
