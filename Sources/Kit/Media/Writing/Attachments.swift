import CAV
import KitCore

/// The attachments of a film: covers, fonts.
enum Attachments {
    /// The bytes of covers and other attachments, in no particular order.
    static func all(_ streams: [UnsafeMutablePointer<AVStream>]) -> [[UInt8]] {
        streams.compactMap { stream in
            if stream.isMarkedAsCover {
                let packet = stream.pointee.attached_pic
                return Array(UnsafeBufferPointer(start: packet.data, count: Int(packet.size)))
            }
            guard stream.kind == AVMEDIA_TYPE_ATTACHMENT else { return nil }
            let parameters = stream.pointee.codecpar.pointee
            return Array(UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
        }
    }

    /// Adds a cover to a Matroska file as an attachment. libavformat reads it as a video stream, which it would write
    /// as a track.
    static func add(_ cover: UnsafeMutablePointer<AVStream>, to file: MuxedFile) throws {
        guard let made = avformat_new_stream(file.context, nil) else { throw KitError(.internalFault, "no memory") }
        let image = cover.pointee.attached_pic
        let parameters = made.pointee.codecpar!
        parameters.pointee.codec_type = AVMEDIA_TYPE_ATTACHMENT
        parameters.pointee.codec_id = cover.pointee.codecpar.pointee.codec_id
        let room = av_mallocz(Int(image.size) + Int(AV_INPUT_BUFFER_PADDING_SIZE))
        parameters.pointee.extradata = room?.assumingMemoryBound(to: UInt8.self)
        guard let bytes = parameters.pointee.extradata, image.size > 0 else {
            throw KitError(.badData, "\(file.path): a cover without an image")
        }
        bytes.update(from: image.data, count: Int(image.size))
        parameters.pointee.extradata_size = image.size
        av_dict_copy(&made.pointee.metadata, cover.pointee.metadata, 0)
        guard av_dict_get(made.pointee.metadata, "filename", nil, 0) == nil else { return }
        // Covers of other containers have no names.
        let kind = kinds[parameters.pointee.codec_id.rawValue] ?? (ending: "jpg", type: "image/jpeg")
        av_dict_set(&made.pointee.metadata, "filename", "cover.\(kind.ending)", 0)
        av_dict_set(&made.pointee.metadata, "mimetype", kind.type, 0)
    }

    private static let kinds = [
        AV_CODEC_ID_PNG.rawValue: (ending: "png", type: "image/png"),
        AV_CODEC_ID_BMP.rawValue: (ending: "bmp", type: "image/bmp"),
        AV_CODEC_ID_GIF.rawValue: (ending: "gif", type: "image/gif"),
        AV_CODEC_ID_WEBP.rawValue: (ending: "webp", type: "image/webp"),
        AV_CODEC_ID_TIFF.rawValue: (ending: "tiff", type: "image/tiff"),
    ]
}
