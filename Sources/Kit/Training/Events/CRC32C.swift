import KitCore

/// The Castagnoli checksum of the records of a TensorBoard event file.
package enum CRC32C {
    /// The checksum of some bytes.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 { ReflectedCRC.castagnoli.of(bytes) }

    /// The checksum as event files store it: rotated and offset, so that data that contains checksums can be
    /// checksummed too.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = of(bytes)
        return (crc >> 15 | crc << 17) &+ 0xa282_ead8
    }
}
