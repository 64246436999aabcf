import CAV
import KitCore

/// Decodes the packets of a stream of subtitles to plain text, with libavcodec.
final class SubtitleDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let clock: AVRational
    private let name: String

    /// Throws if the stream is not text, or is of a codec that this FFmpeg lacks.
    init(_ stream: UnsafeMutablePointer<AVStream>, of name: String) throws {
        self.name = name
        clock = stream.pointee.time_base
        let codec = stream.pointee.codecpar.pointee.codec_id
        let codecName = String(cString: avcodec_get_name(codec))
        guard Self.isText(codec) else {
            throw KitError(.badData, "\(name): subtitles of kind '\(codecName)' are pictures, not text")
        }
        guard let decoder = avcodec_find_decoder(codec), let context = avcodec_alloc_context3(decoder) else {
            throw KitError(.configuration, "\(name): this FFmpeg cannot decode subtitles of kind '\(codecName)'")
        }
        self.context = context
        try AVLibrary.check(
            avcodec_parameters_to_context(context, stream.pointee.codecpar), .badData,
            "\(name): cannot read its subtitles")
        context.pointee.pkt_timebase = clock
        try AVLibrary.check(avcodec_open2(context, decoder, nil), .badData, "\(name): cannot decode its subtitles")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    static func isText(_ codec: AVCodecID) -> Bool {
        avcodec_descriptor_get(codec).map { $0.pointee.props & Int32(AV_CODEC_PROP_TEXT_SUB) != 0 } ?? false
    }

    /// The entry of a packet, in seconds on the container's clock; nil if it shows nothing.
    func decode(_ packet: UnsafeMutablePointer<AVPacket>) throws -> Subtitle? {
        guard packet.pointee.pts != AVLibrary.noTimestamp, packet.pointee.size > 0 else { return nil }
        var subtitle = AVSubtitle()
        var hasResult: Int32 = 0
        let status = avcodec_decode_subtitle2(context, &subtitle, &hasResult, packet)
        defer { avsubtitle_free(&subtitle) }
        let start = Double(packet.pointee.pts) * clock.value
        guard status >= 0 else {
            throw KitError(
                .badData,
                "\(name): the subtitle at \(seconds(start)) cannot be decoded (\(AVLibrary.message(status))): is the text UTF-8?"
            )
        }
        guard hasResult != 0 else { return nil }
        let texts = (0..<Int(subtitle.num_rects)).compactMap { index -> String? in
            guard let event = subtitle.rects[index]?.pointee.ass else { return nil }
            let text = Subtitle.text(ofEvent: String(cString: event))
            return text.isEmpty ? nil : text
        }
        guard !texts.isEmpty else { return nil }
        let stated = Double(packet.pointee.duration) * clock.value
        // Some decoders know the length instead.
        let length = stated > 0 ? stated : Double(subtitle.end_display_time) / 1000
        guard length > 0, length < AVLibrary.Limit.seconds, start.isFinite else { return nil }
        return Subtitle(start: start, end: start + length, text: texts.joined(separator: "\n"))
    }
}
