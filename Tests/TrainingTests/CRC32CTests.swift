import Testing

import Kit

@Suite struct CRC32CTests {
    /// The examples of RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    @Test func equalsPublishedValues() {
        let values: [([UInt8], UInt32)] = [
            (Array("123456789".utf8), 0xe306_9283), (Array(repeating: 0, count: 32), 0x8a91_36aa),
            (Array(repeating: 0xff, count: 32), 0x62a8_ab43), (Array(0..<32), 0x46dd_794e), ([], 0),
        ]
        for (bytes, expected) in values { #expect(CRC32C.of(bytes) == expected) }
        #expect(ReflectedCRC.zip.of("123456789".utf8) == 0xcbf4_3926)
    }

    @Test func aChecksumCanBeContinued() {
        let bytes = (0..<61).map { UInt8(truncatingIfNeeded: 7 * $0) }
        for cut in [0, 1, 8, 29, 61] {
            let first = ReflectedCRC.zip.of(bytes[..<cut])
            let whole = Array(bytes[cut...]).withUnsafeBytes { ReflectedCRC.zip.continued(first, $0) }
            #expect(whole == ReflectedCRC.zip.of(bytes))
        }
    }

    @Test func maskingCanBeUndone() {
        let bytes = Array("loss/train".utf8)
        let rotated = CRC32C.masked(bytes) &- 0xa282_ead8
        #expect(rotated >> 17 | rotated << 15 == CRC32C.of(bytes))
    }
}
