/// The Castagnoli checksum of the records of a TensorBoard event file (RFC 3720, appendix B.4).
package enum CRC32C {
    /// The checksum of some bytes.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    }

    /// The checksum as event files store it: rotated and offset, so that data that contains checksums can be
    /// checksummed too.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = of(bytes)
        return (crc >> 15 | crc << 17) &+ 0xa282_ead8
    }

    /// The remainder of every byte, for the reflected polynomial 0x1edc6f41.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82f6_3b78 }
    }
}
