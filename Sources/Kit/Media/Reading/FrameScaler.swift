import CAV
import KitCore

/// Converts decoded frames to upright RGB of one size: crop, scale, colour and orientation.
///
/// The crop is applied before scaling and starts on an even pixel, as the colour planes of 4:2:0 require. Scaling is
/// bilinear with antialiasing. Colour follows the stream's matrix and range, or BT.601 if it states none.
final class FrameScaler {
    private let width: Int
    private let height: Int
    private let fit: FrameFit
    private let orientation: Orientation
    private let pixelAspect: Double
    private let cropped = av_frame_alloc()!
    private var context: OpaquePointer?
    /// The scaled frame before rotation. Its rows are padded as swscale's vector code requires.
    private let scaled: UnsafeMutablePointer<UInt8>
    private let scaledWidth: Int
    private let scaledHeight: Int
    private let rowBytes: Int

    init(width: Int, height: Int, fit: FrameFit, orientation: Orientation, pixelAspect: Double) {
        self.width = width
        self.height = height
        self.fit = fit
        self.orientation = orientation
        self.pixelAspect = pixelAspect
        (scaledWidth, scaledHeight) = orientation.isTransposed ? (height, width) : (width, height)
        rowBytes = (scaledWidth * 3 + 127) / 64 * 64
        scaled = .allocate(capacity: rowBytes * scaledHeight + 64)
    }

    deinit {
        sws_freeContext(context)
        var frame: UnsafeMutablePointer<AVFrame>? = cropped
        av_frame_free(&frame)
        scaled.deallocate()
    }

    /// Writes [height, width, 3] to `target`.
    func scale(_ frame: UnsafeMutablePointer<AVFrame>, into target: UnsafeMutablePointer<UInt8>, of name: String) throws
    {
        try AVLibrary.check(av_frame_ref(cropped, frame), .internalFault, "\(name): cannot hold a frame")
        defer { av_frame_unref(cropped) }
        let (stored, shown) = (cropped.pointee, shownSize(frame))
        let area = Self.area(fit, shown: shown, target: (Double(width), Double(height)))
        let box = Self.pixels(storedPart(area), width: Int(stored.width), height: Int(stored.height))
        cropped.pointee.crop_left = box.x
        cropped.pointee.crop_top = box.y
        cropped.pointee.crop_right = Int(stored.width) - box.x - box.width
        cropped.pointee.crop_bottom = Int(stored.height) - box.y - box.height
        let unaligned = Int32(AV_FRAME_CROP_UNALIGNED)
        try AVLibrary.check(av_frame_apply_cropping(cropped, unaligned), .badData, "\(name): cannot crop a frame")
        try prepareContext(name)
        var rows: [UnsafeMutablePointer<UInt8>?] = [scaled, nil, nil, nil]
        var strides: [Int32] = [Int32(rowBytes), 0, 0, 0]
        let status = withUnsafePointer(to: &cropped.pointee.data) { data in
            data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { data in
                withUnsafePointer(to: &cropped.pointee.linesize) { linesize in
                    linesize.withMemoryRebound(to: Int32.self, capacity: 8) { linesize in
                        sws_scale(context, data, linesize, 0, cropped.pointee.height, &rows, &strides)
                    }
                }
            }
        }
        try AVLibrary.check(status, .badData, "\(name): cannot scale a frame")
        copyUpright(to: target)
    }

    private func shownSize(_ frame: UnsafeMutablePointer<AVFrame>) -> (Double, Double) {
        let (width, height) = (Double(frame.pointee.width), Double(frame.pointee.height))
        return orientation.isTransposed ? (height * pixelAspect, width) : (width * pixelAspect, height)
    }

    private func prepareContext(_ name: String) throws {
        let source = cropped.pointee
        let (format, isFullRange) = Self.plain(AVPixelFormat(source.format), range: source.color_range)
        let before = context
        context = sws_getCachedContext(
            context, source.width, source.height, format, Int32(scaledWidth), Int32(scaledHeight), AV_PIX_FMT_RGB24,
            SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, nil, nil, nil)
        guard context != nil else {
            throw KitError(.badData, "\(name): frames of format \(source.format) cannot be converted to RGB")
        }
        guard context != before else { return }
        let matrix = source.colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : Int32(source.colorspace.rawValue)
        sws_setColorspaceDetails(
            context, sws_getCoefficients(matrix), isFullRange ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
            1 << 16, 1 << 16)
    }

    /// The formats named "yuvj" are the plain formats with full range.
    private static func plain(_ format: AVPixelFormat, range: AVColorRange) -> (AVPixelFormat, Bool) {
        switch format {
        case AV_PIX_FMT_YUVJ420P: return (AV_PIX_FMT_YUV420P, true)
        case AV_PIX_FMT_YUVJ422P: return (AV_PIX_FMT_YUV422P, true)
        case AV_PIX_FMT_YUVJ444P: return (AV_PIX_FMT_YUV444P, true)
        case AV_PIX_FMT_YUVJ440P: return (AV_PIX_FMT_YUV440P, true)
        default: return (format, range == AVCOL_RANGE_JPEG)
        }
    }

    /// Fractions of the frame's sides.
    private struct Area {
        var x, y, width, height: Double
    }

    private static func area(_ fit: FrameFit, shown: (Double, Double), target: (Double, Double)) -> Area {
        switch fit {
        case .scale: return Area(x: 0, y: 0, width: 1, height: 1)
        case .region(let x, let y, let width, let height): return Area(x: x, y: y, width: width, height: height)
        case .crop(let x, let y):
            let scale = min(shown.0 / target.0, shown.1 / target.1)
            let (width, height) = (target.0 * scale / shown.0, target.1 * scale / shown.1)
            return Area(x: (1 - width) * x, y: (1 - height) * y, width: width, height: height)
        }
    }

    /// The area of the stored frame that is shown in `area`.
    private func storedPart(_ area: Area) -> Area {
        let x = orientation.isMirroredHorizontally ? 1 - area.x - area.width : area.x
        let y = orientation.isMirroredVertically ? 1 - area.y - area.height : area.y
        return orientation.isTransposed
            ? Area(x: y, y: x, width: area.height, height: area.width)
            : Area(x: x, y: y, width: area.width, height: area.height)
    }

    private static func pixels(_ area: Area, width: Int, height: Int) -> (x: Int, y: Int, width: Int, height: Int) {
        func span(_ start: Double, _ length: Double, _ pixels: Int) -> (Int, Int) {
            let length = min(pixels, max(1, Int((length * Double(pixels)).rounded())))
            let start = Int((start * Double(pixels)).rounded()) & ~1
            return (min(max(0, start), pixels - length), length)
        }
        let (x, w) = span(area.x, area.width, width)
        let (y, h) = span(area.y, area.height, height)
        return (x, y, w, h)
    }

    private func copyUpright(to target: UnsafeMutablePointer<UInt8>) {
        guard orientation != .upright else {
            for row in 0..<height { (target + row * width * 3).update(from: scaled + row * rowBytes, count: width * 3) }
            return
        }
        for row in 0..<height {
            for column in 0..<width {
                let from = orientation.stored(row: row, column: column, height: scaledHeight, width: scaledWidth)
                (target + (row * width + column) * 3).update(
                    from: scaled + from.row * rowBytes + from.column * 3, count: 3)
            }
        }
    }
}
