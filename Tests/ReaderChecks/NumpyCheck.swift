import Foundation
import KitCore
import KitModel
import KitTensor

extension ReaderCheck {
    /// Arrays of features. What is read is written by the kit and read again.
    static let numpy = ReaderCheck(name: "npy") { bytes in
        try checkNumpy(bytes)
        // Once more with a length that fits: else hardly any change of the header would be seen.
        guard bytes.count > 12, let end = bytes.lastIndex(of: UInt8(ascii: "}")), end >= 12 else { return }
        let isLong = bytes[6] > 1
        let length = end + 1 - (isLong ? 12 : 10)
        let places = isLong ? 4 : 2
        var mended = bytes
        for place in 0..<places { mended[8 + place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
        try checkNumpy(mended)
    }

    private static func checkNumpy(_ bytes: [UInt8]) throws {
        guard let tensor = try unlessRefused({ try NumpyFile.read(Data(bytes), "the file") }) else { return }
        try expect(tensor.count <= bytes.count, "\(tensor.shape) of \(bytes.count) bytes")
        let values = tensor.values.withUnsafeBytes { Data($0) }
        let copy = try NumpyFile.read(NumpyFile.header(of: tensor.shape) + values, "the copy")
        try expect(isSame(copy, tensor), "other values or another shape: \(copy.shape), not \(tensor.shape)")
        // float32 in C order is stored as it is.
        let head = Array(bytes.dropLast(values.count))
        let isPlain = head.firstRange(of: Array("<f4".utf8)) != nil && head.firstRange(of: Array("True".utf8)) == nil
        try expect(!isPlain || values == Data(bytes.suffix(values.count)), "other values than the file's last bytes")
    }
}
