import CAV
import KitCore

extension UnsafeMutablePointer where Pointee == AVFrame {
    /// Fills an allocated frame from an image [height, width, 3] of red, green, blue, converted by `scaler`.
    func fill(rgb pixels: UnsafePointer<UInt8>, width: Int, height: Int, by scaler: OpaquePointer) {
        var source: [UnsafePointer<UInt8>?] = [pixels, nil, nil, nil]
        var strides = [Int32(width * 3), 0, 0, 0]
        withUnsafeMutablePointer(to: &pointee.data) { data in
            data.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) { data in
                withUnsafePointer(to: &pointee.linesize) { linesize in
                    linesize.withMemoryRebound(to: Int32.self, capacity: 8) { linesize in
                        _ = sws_scale(scaler, &source, &strides, 0, Int32(height), data, linesize)
                    }
                }
            }
        }
    }
}
