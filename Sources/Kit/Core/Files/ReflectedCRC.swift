/// A checksum of 32 bits that is computed from the least significant bit on: that of zip archives, and that of
/// TensorBoard's event files.
package struct ReflectedCRC: Sendable {
    /// The checksum of zip archives (ISO 3309).
    package static let zip = ReflectedCRC(polynomial: 0xedb8_8320)
    /// The Castagnoli checksum (RFC 3720, appendix B.4).
    package static let castagnoli = ReflectedCRC(polynomial: 0x82f6_3b78)

    /// The remainders of every byte, followed by 0 to 7 bytes of 0, so that eight bytes are looked up at once.
    private let table: [UInt32]

    private init(polynomial: UInt32) {
        var table = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ polynomial }
        }
        for index in 256..<2048 { table.append(table[Int(table[index - 256] & 0xff)] ^ table[index - 256] >> 8) }
        self.table = table
    }

    /// The checksum of some bytes.
    package func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.withContiguousStorageIfAvailable { continued(0, UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { continued(0, $0) }
    }

    /// The checksum of bytes that follow others with this checksum; that of no bytes is 0.
    package func continued(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var (crc, place) = (~checksum, 0)
            while place + 8 <= bytes.count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(crc)
                crc = 0
                for byte in 0..<8 { crc ^= table[(7 - byte) * 256 + Int(word >> (8 * UInt64(byte)) & 0xff)] }
                place += 8
            }
            for byte in bytes[place...] { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
            return ~crc
        }
    }
}
