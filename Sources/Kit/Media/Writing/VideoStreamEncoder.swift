import CAV
import KitCore

/// Encodes RGB frames as H.264.
final class VideoStreamEncoder {
    let format: FilmWriter.VideoFormat
    private let encoder: StreamEncoder
    private let frame: UnsafeMutablePointer<AVFrame>
    private let scaler: OpaquePointer
    private let path: String
    /// Ticks from one frame to the next.
    private let step: Int64
    private var first: Int64
    private var next: Int64

    init(_ format: FilmWriter.VideoFormat, in container: UnsafeMutablePointer<AVFormatContext>, path: String) throws {
        self.format = format
        self.path = path
        guard format.width > 0, format.height > 0, format.width % 2 == 0, format.height % 2 == 0,
            Int64(format.width) <= AVLibrary.Limit.pixels / Int64(format.height)
        else {
            throw KitError.usage("\(path): frames of \(format.width) x \(format.height): expected even sides")
        }
        guard (0.01...1000).contains(format.frameRate), format.start >= 0, format.start < AVLibrary.Limit.seconds
        else {
            throw KitError.usage("\(path): \(format.frameRate) frames per second from \(format.start) s on")
        }
        let rate = av_d2q(format.frameRate, 100_000)
        // A clock fine enough for frames at irregular times, with a whole number of ticks in a regular frame.
        var scale: Int32 = 1
        while rate.num * scale < 10_000 { scale *= 2 }
        step = Int64(rate.den) * Int64(scale)
        first = Int64((format.start * format.frameRate).rounded()) * step
        next = first
        // Macroblock-tree rate control reads memory that x264 has not initialised, so the bytes would differ between
        // runs.
        let options = ["preset": format.preset, "crf": "\(format.rateFactor)", "mbtree": "0"]
        encoder = try StreamEncoder("libx264", in: container, path: path, options: options) { context in
            context.pointee.width = Int32(format.width)
            context.pointee.height = Int32(format.height)
            context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
            context.pointee.time_base = AVRational(num: 1, den: rate.num * scale)
            context.pointee.framerate = rate
            context.pointee.gop_size = Int32(
                format.keyInterval ?? max(1, min(48, Int((2 * format.frameRate).rounded()))))
            context.pointee.max_b_frames = Int32(format.reorderedFrames)
            context.pointee.colorspace = AVCOL_SPC_SMPTE170M
            context.pointee.color_range = AVCOL_RANGE_MPEG
        }
        encoder.stream.pointee.avg_frame_rate = rate
        frame = av_frame_alloc()
        scaler = sws_getContext(
            Int32(format.width), Int32(format.height), AV_PIX_FMT_RGB24, Int32(format.width), Int32(format.height),
            AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nil, nil, nil)
    }

    deinit {
        sws_freeContext(scaler)
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Delays the whole track.
    func shift(milliseconds: Int) {
        first += Int64((Double(milliseconds) / 1000 * Double(encoder.context.pointee.time_base.den)).rounded())
        next = first
    }

    func write(_ pixels: UnsafePointer<UInt8>, at time: Double?) throws {
        let perSecond = Double(encoder.context.pointee.time_base.den)
        let ticks = time.map { first + Int64(($0 * perSecond).rounded()) } ?? next
        guard ticks >= next || next == first || ticks > next - step else {
            throw KitError.usage("\(path): a frame at \(time ?? 0) s comes after a later one")
        }
        frame.pointee.width = Int32(format.width)
        frame.pointee.height = Int32(format.height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.colorspace = AVCOL_SPC_SMPTE170M
        frame.pointee.color_range = AVCOL_RANGE_MPEG
        try AVLibrary.check(av_frame_get_buffer(frame, 0), .internalFault, "\(path): no memory for a frame")
        defer { av_frame_unref(frame) }
        frame.fill(rgb: pixels, width: format.width, height: format.height, by: scaler)
        frame.pointee.pts = ticks
        next = ticks + step
        try encoder.encode(frame)
    }

    func finish() throws { try encoder.encode(nil) }
}
