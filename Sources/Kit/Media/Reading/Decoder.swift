import CAV
import KitCore

/// One stream's decoder. Runs on the calling thread alone: parallel reading is done with one `MediaFile` a thread.
final class Decoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    /// Packets that could not be decoded since the decoder was opened.
    private(set) var faults = 0
    private let name: String
    private let faultBudget: Int

    /// `faultBudget` damaged packets are passed over before the stream is given up.
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
        // From here on a throw ends in deinit.
        try AVLibrary.check(
            avcodec_parameters_to_context(context, parameters), .badData, "\(self.name): bad parameters")
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.thread_count = 1
        context.pointee.max_pixels = AVLibrary.Limit.pixels
        // AC-3 and E-AC-3: draw dither from the frame's bits, so that it does not depend on where decoding began.
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

    /// Forgets all state, as after a seek.
    func flush() { avcodec_flush_buffers(context) }

    /// Decodes one packet (nil: what is still inside) and calls `body` for each frame until it returns false.
    /// Returns whether `body` wants more.
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

    /// How long a picture is shown, in ticks of its stream: by the rate that the codec states, else by `rate` (pictures a
    /// second); some pictures are shown for a field longer.
    func pictureTicks(_ frame: UnsafeMutablePointer<AVFrame>, rate: Double) -> Int64 {
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
