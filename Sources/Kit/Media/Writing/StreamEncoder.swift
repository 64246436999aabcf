import CAV
import KitCore

/// The common part of the video and audio encoders: a codec, its stream in a container, and the packets between them.
final class StreamEncoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    let stream: UnsafeMutablePointer<AVStream>
    let container: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let path: String

    /// `configure` sets the codec up before it is opened.
    init(
        _ name: String, in container: UnsafeMutablePointer<AVFormatContext>, path: String,
        options: [String: String] = [:], configure: (UnsafeMutablePointer<AVCodecContext>) throws -> Void
    ) throws {
        self.path = path
        self.container = container
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw KitError(.configuration, "\(path): this FFmpeg has no encoder '\(name)'")
        }
        context = avcodec_alloc_context3(codec)
        stream = avformat_new_stream(container, codec)
        packet = av_packet_alloc()
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if container.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
            context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        var dictionary: OpaquePointer?
        for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
        defer { av_dict_free(&dictionary) }
        try configure(context)
        try AVLibrary.check(avcodec_open2(context, codec, &dictionary), .usage, "\(path): cannot encode \(name)")
        avcodec_parameters_from_context(stream.pointee.codecpar, context)
        stream.pointee.time_base = context.pointee.time_base
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Encodes a frame, or flushes the encoder if it is nil, and passes the packets to the container.
    func encode(_ frame: UnsafeMutablePointer<AVFrame>?) throws {
        try AVLibrary.check(avcodec_send_frame(context, frame), .internalFault, "\(path): cannot encode")
        while true {
            let status = avcodec_receive_packet(context, packet)
            if status == AVLibrary.tryAgain || status == AVLibrary.endOfFile { return }
            try AVLibrary.check(status, .internalFault, "\(path): cannot encode")
            packet.pointee.stream_index = stream.pointee.index
            av_packet_rescale_ts(packet, context.pointee.time_base, stream.pointee.time_base)
            try AVLibrary.check(
                av_interleaved_write_frame(container, packet), .inputOutput, "\(path): cannot be written")
        }
    }
}
