import CAV
import Foundation
import KitCore

/// Reads image files, with libavcodec. The first bytes decide the format.
public enum ImageReader {
    /// Formats by the bytes at an offset, with the decoder's name. A WebP file is a RIFF file, as WAV files are: its kind
    /// stands after the length.
    private static let formats: [(name: String, decoder: String, offset: Int, mark: [UInt8])] = [
        ("PNG", "png", 0, [0x89, 0x50, 0x4e, 0x47]), ("JPEG", "mjpeg", 0, [0xff, 0xd8, 0xff]),
        ("BMP", "bmp", 0, [0x42, 0x4d]), ("WebP", "webp", 8, Array("WEBP".utf8)),
    ]

    /// Reads an image in 8 bits a channel, turned as its EXIF data say, without its transparency.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - width: the width of the result; the image's own if nil.
    ///   - height: its height. Another shape takes the largest centred part with its proportions.
    /// - Returns: one frame.
    /// - Throws: `.noInput` if there is no such file, `.badData` if it is damaged or of another format.
    public static func read(_ path: String, width: Int? = nil, height: Int? = nil) throws -> Frames {
        try AVLibrary.prepare()
        let name = path.split(separator: "/").last.map(String.init) ?? path
        _ = try MediaPlace(path)
        let bytes = try FileBytes.all(of: path, name)
        guard let format = formats.first(where: { bytes.dropFirst($0.offset).starts(with: $0.mark) }) else {
            let names = formats.map(\.name).joined(separator: ", ")
            throw KitError(.badData, "\(name): is not an image that can be read; formats are \(names)")
        }
        // The decoder takes a JPEG file without its end, and fills what is missing.
        if format.decoder == "mjpeg", let scan = bytes.lastRange(of: [0xff, 0xda]),
            bytes[scan.upperBound...].firstRange(of: [0xff, 0xd9]) == nil
        {
            throw KitError(.badData, "\(name): is truncated: it has no end")
        }
        return try decode(bytes, format.decoder, name) { frame, orientation in
            let stored = (width: Int(frame.pointee.width), height: Int(frame.pointee.height))
            let own = orientation.isTransposed ? (width: stored.height, height: stored.width) : stored
            var frames = Frames(count: 1, height: height ?? own.height, width: width ?? own.width)
            let scaler = FrameScaler(
                width: frames.width, height: frames.height, fit: .centre, orientation: orientation, pixelAspect: 1)
            try frames.values.withUnsafeMutableBufferPointer {
                try scaler.scale(frame, into: $0.baseAddress!, of: name)
            }
            return frames
        }
    }

    private static func decode(
        _ bytes: [UInt8], _ decoder: String, _ name: String,
        _ use: (UnsafeMutablePointer<AVFrame>, Orientation) throws -> Frames
    ) throws -> Frames {
        guard let codec = avcodec_find_decoder_by_name(decoder) else {
            throw KitError(.configuration, "this FFmpeg has no decoder '\(decoder)'")
        }
        var context: UnsafeMutablePointer<AVCodecContext>? = avcodec_alloc_context3(codec)
        var frame: UnsafeMutablePointer<AVFrame>? = av_frame_alloc()
        var packet: UnsafeMutablePointer<AVPacket>? = av_packet_alloc()
        defer {
            avcodec_free_context(&context)
            av_frame_free(&frame)
            av_packet_free(&packet)
        }
        guard let context, let frame, let packet else { throw KitError(.internalFault, "\(name): no memory") }
        context.pointee.thread_count = 1
        context.pointee.max_pixels = AVLibrary.Limit.pixels
        // Damage is an error: a part of an image would pass for the whole.
        context.pointee.err_recognition = Int32(AV_EF_CRCCHECK | AV_EF_EXPLODE)
        let fault = "\(name): cannot be decoded"
        try AVLibrary.check(avcodec_open2(context, codec, nil), .internalFault, "cannot start the decoder '\(decoder)'")
        var padded = bytes + [UInt8](repeating: 0, count: Int(AV_INPUT_BUFFER_PADDING_SIZE))
        try padded.withUnsafeMutableBufferPointer { buffer in
            (packet.pointee.data, packet.pointee.size) = (buffer.baseAddress, Int32(bytes.count))
            defer { (packet.pointee.data, packet.pointee.size) = (nil, 0) }
            try AVLibrary.check(avcodec_send_packet(context, packet), .badData, fault)
        }
        try AVLibrary.check(avcodec_send_packet(context, nil), .badData, fault)
        try AVLibrary.check(avcodec_receive_frame(context, frame), .badData, fault)
        guard frame.pointee.decode_error_flags == 0, frame.pointee.flags & Int32(AV_FRAME_FLAG_CORRUPT) == 0 else {
            throw KitError(.badData, "\(fault): it is damaged")
        }
        let stated = av_dict_get(frame.pointee.metadata, "Orientation", nil, 0).map {
            String(cString: $0.pointee.value)
        }
        let exif =
            stated.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            ?? (decoder == "png" ? PNGOrientation.number(in: bytes) : nil)
        return try use(frame, exif.map(Orientation.init(exif:)) ?? .upright)
    }
}

extension [UInt8] {
    /// Where some bytes occur last; nil if they do not.
    fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
        stride(from: count - part.count, through: 0, by: -1).first { self[$0..<$0 + part.count].elementsEqual(part) }
            .map { $0..<$0 + part.count }
    }
}
