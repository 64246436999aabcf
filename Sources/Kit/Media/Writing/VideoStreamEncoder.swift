import CAV
import KitCore

/// RGB pictures to H.264.
final class VideoEncoder {
    let picture: FilmWriter.Picture
    private let encoder: Encoder
    private let frame: UnsafeMutablePointer<AVFrame>
    private let scaler: OpaquePointer
    private let path: String
    /// Ticks from one picture to the next.
    private let step: Int64
    private var first: Int64
    private var next: Int64

    init(_ picture: FilmWriter.Picture, in container: UnsafeMutablePointer<AVFormatContext>, path: String) throws {
        self.picture = picture
        self.path = path
        guard picture.width > 0, picture.height > 0, picture.width % 2 == 0, picture.height % 2 == 0,
            Int64(picture.width) <= AVLibrary.Limit.pixels / Int64(picture.height)
        else {
            throw KitError.usage("\(path): pictures of \(picture.width) x \(picture.height): expected even sides")
        }
        guard (0.01...1000).contains(picture.frameRate), picture.start >= 0, picture.start < AVLibrary.Limit.seconds
        else {
            throw KitError.usage("\(path): \(picture.frameRate) pictures a second from \(picture.start) s on")
        }
        let rate = av_d2q(picture.frameRate, 100_000)
        // A clock fine enough for pictures at uneven times, that divides each regular picture's length.
        var scale: Int32 = 1
        while rate.num * scale < 10_000 { scale *= 2 }
        step = Int64(rate.den) * Int64(scale)
        first = Int64((picture.start * picture.frameRate).rounded()) * step
        next = first
        // Macroblock-tree rate control reads memory that x264 has not written: the bytes would differ from run to run.
        let options = ["preset": picture.preset, "crf": "\(picture.rateFactor)", "mbtree": "0"]
        encoder = try Encoder("libx264", in: container, path: path, options: options) { context in
            context.pointee.width = Int32(picture.width)
            context.pointee.height = Int32(picture.height)
            context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
            context.pointee.time_base = AVRational(num: 1, den: rate.num * scale)
            context.pointee.framerate = rate
            context.pointee.gop_size = Int32(picture.keyInterval)
            context.pointee.max_b_frames = Int32(picture.reorderedFrames)
            context.pointee.colorspace = AVCOL_SPC_SMPTE170M
            context.pointee.color_range = AVCOL_RANGE_MPEG
        }
        encoder.stream.pointee.avg_frame_rate = rate
        frame = av_frame_alloc()
        scaler = sws_getContext(
            Int32(picture.width), Int32(picture.height), AV_PIX_FMT_RGB24, Int32(picture.width), Int32(picture.height),
            AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nil, nil, nil)
    }

    deinit {
        sws_freeContext(scaler)
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Moves the whole track to a later time.
    func shift(milliseconds: Int) {
        first += Int64((Double(milliseconds) / 1000 * Double(encoder.context.pointee.time_base.den)).rounded())
        next = first
    }

    func write(_ pixels: UnsafePointer<UInt8>, at time: Double?) throws {
        let perSecond = Double(encoder.context.pointee.time_base.den)
        let ticks = time.map { first + Int64(($0 * perSecond).rounded()) } ?? next
        guard ticks >= next || next == first || ticks > next - step else {
            throw KitError.usage("\(path): a picture at \(time ?? 0) s comes after a later one")
        }
        frame.pointee.width = Int32(picture.width)
        frame.pointee.height = Int32(picture.height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.colorspace = AVCOL_SPC_SMPTE170M
        frame.pointee.color_range = AVCOL_RANGE_MPEG
        try AVLibrary.check(av_frame_get_buffer(frame, 0), .internalFault, "\(path): no memory for a picture")
        defer { av_frame_unref(frame) }
        frame.fill(rgb: pixels, width: picture.width, height: picture.height, by: scaler)
        frame.pointee.pts = ticks
        next = ticks + step
        try encoder.encode(frame)
    }

    func finish() throws { try encoder.encode(nil) }
}
