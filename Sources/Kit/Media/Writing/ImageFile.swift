import CAV
import KitCore

/// Encodes frames as image files, with libavcodec.
public enum ImageFile: Sendable {
    /// Lossless.
    case png
    /// From 2 (best) to 31 (smallest).
    case jpeg(quality: Int)

    public var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        }
    }

    /// The bytes of a file with one of the frames. The same frame gives the same bytes.
    public func bytes(of index: Int, _ frames: Frames) throws -> [UInt8] {
        precondition((0..<frames.count).contains(index), "there is no frame \(index)")
        try AVLibrary.prepare()
        let (name, format) = codec
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw KitError(.configuration, "this FFmpeg has no encoder '\(name)'")
        }
        var context: UnsafeMutablePointer<AVCodecContext>? = avcodec_alloc_context3(codec)
        var frame: UnsafeMutablePointer<AVFrame>? = av_frame_alloc()
        var packet: UnsafeMutablePointer<AVPacket>? = av_packet_alloc()
        let (width, height) = (Int32(frames.width), Int32(frames.height))
        let scaler = sws_getContext(
            width, height, AV_PIX_FMT_RGB24, width, height, format, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nil,
            nil, nil)
        defer {
            avcodec_free_context(&context)
            av_frame_free(&frame)
            av_packet_free(&packet)
            sws_freeContext(scaler)
        }
        guard let context, let frame, let packet, let scaler else {
            throw KitError(.internalFault, "an image of \(width) x \(height) cannot be converted")
        }
        (context.pointee.width, context.pointee.height, context.pointee.pix_fmt) = (width, height, format)
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if case .jpeg(let quality) = self {
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE
            context.pointee.global_quality = Int32(FF_QP2LAMBDA) * Int32(quality)
        }
        try AVLibrary.check(avcodec_open2(context, codec, nil), .internalFault, "cannot start the encoder '\(name)'")
        (frame.pointee.width, frame.pointee.height, frame.pointee.format) = (width, height, format.rawValue)
        frame.pointee.quality = context.pointee.global_quality
        try AVLibrary.check(av_frame_get_buffer(frame, 0), .internalFault, "no memory for an image")
        frames.values.withUnsafeBufferPointer {
            let pixels = $0.baseAddress! + index * frames.width * frames.height * 3
            frame.fill(rgb: pixels, width: frames.width, height: frames.height, by: scaler)
        }
        try AVLibrary.check(avcodec_send_frame(context, frame), .internalFault, "cannot encode an image")
        try AVLibrary.check(avcodec_receive_packet(context, packet), .internalFault, "cannot encode an image")
        return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }

    private var codec: (name: String, format: AVPixelFormat) {
        switch self {
        case .png: ("png", AV_PIX_FMT_RGB24)
        case .jpeg: ("mjpeg", AV_PIX_FMT_YUVJ420P)
        }
    }
}
