import Foundation
import KitCore
import KitEvaluation
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
        try expect(tensor.count * 4 <= bytes.count, "\(tensor.shape) of \(bytes.count) bytes")
        let values = tensor.values.withUnsafeBytes { Data($0) }
        let copy = try NumpyFile.read(NumpyFile.header(of: tensor.shape) + values, "the copy")
        try expect(isSame(copy, tensor), "other values or another shape: \(copy.shape), not \(tensor.shape)")
        let stored = Data(bytes.suffix(values.count))
        let isDouble = tensor.count > 0 && bytes.firstRange(of: Array("<f8".utf8)) != nil
        try expect(isDouble || values == stored, "other values than the file's last bytes")
    }
}
