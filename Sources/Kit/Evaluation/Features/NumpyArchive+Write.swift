import CAV
import Foundation
import KitCore
import KitModel
import KitTensor

/// Writing is here, above the readers, since the checksums are libavutil's.
extension NumpyArchive {
    /// Writes arrays of float32. The file appears whole or not at all. Throws from 4 GiB on, the limit of zip.
    public static func write(_ arrays: [(name: String, tensor: Tensor)], to path: String) throws {
        let bytes = arrays.reduce(22) { $0 + $1.tensor.count * 4 + 2 * $1.name.utf8.count + 256 }
        guard bytes < 1 << 32, arrays.count < 1 << 16 else {
            throw KitError.usage("\(path): \(byteText(bytes)) do not fit into an .npz file; write .npy files instead")
        }
        let file = try AtomicFile(path, expectedBytes: bytes)
        var directory = Data()
        var offset = 0
        for (name, tensor) in arrays {
            let entry = Entry(name: "\(name).npy", tensor, offset: offset)
            try entry.localHeader.withUnsafeBytes { try file.write($0) }
            try entry.npyHeader.withUnsafeBytes { try file.write($0) }
            try file.write(UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4))
            offset += entry.localHeader.count + entry.size
            directory += entry.directoryHeader
        }
        let end =
            Data(littleEndian: 0x0605_4b50, 4) + Data(littleEndian: 0, 4) + Data(littleEndian: arrays.count, 2)
            + Data(littleEndian: arrays.count, 2) + Data(littleEndian: directory.count, 4)
            + Data(littleEndian: offset, 4) + Data(littleEndian: 0, 2)
        try (directory + end).withUnsafeBytes { try file.write($0) }
        try file.commit()
    }

    /// One file of the archive: PKWARE's APPNOTE.TXT, sections 4.3.7 and 4.3.12.
    private struct Entry {
        let npyHeader: Data
        let size: Int
        let localHeader: Data
        let directoryHeader: Data

        init(name: String, _ tensor: Tensor, offset: Int) {
            npyHeader = NumpyFile.header(of: tensor.shape)
            size = npyHeader.count + tensor.count * 4
            let table = av_crc_get_table(AV_CRC_32_IEEE_LE)
            var sum = npyHeader.withUnsafeBytes {
                av_crc(table, .max, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
            }
            sum = UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4).withMemoryRebound(
                to: UInt8.self
            ) { av_crc(table, sum, $0.baseAddress, $0.count) }
            // Version 2.0, the flag for names in UTF-8, no compression, midnight of 1 January 1980: the same bytes at any time of writing.
            let facts =
                Data(littleEndian: 20, 2) + Data(littleEndian: 0x0800, 2) + Data(littleEndian: 0, 2)
                + Data(littleEndian: 0, 2)
                + Data(littleEndian: 0x21, 2) + Data(littleEndian: Int(~sum), 4) + Data(littleEndian: size, 4)
                + Data(littleEndian: size, 4) + Data(littleEndian: name.utf8.count, 2) + Data(littleEndian: 0, 2)
            localHeader = Data(littleEndian: 0x0403_4b50, 4) + facts + Data(name.utf8)
            directoryHeader =
                Data(littleEndian: 0x0201_4b50, 4) + Data(littleEndian: 20, 2) + facts + Data(count: 10)
                + Data(littleEndian: offset, 4) + Data(name.utf8)
        }
    }
}

extension Data {
    fileprivate init(littleEndian value: Int, _ count: Int) {
        self.init((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }
}
