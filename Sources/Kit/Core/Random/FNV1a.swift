/// The 64-bit hash FNV-1a of Fowler, Noll and Vo: the same in every process, unlike Swift's own.
package struct FNV1a {
    package private(set) var value: UInt64

    /// - Parameter salt: varies the hash of the same bytes; 0 gives the standard one.
    package init(salt: UInt64 = 0) { value = 0xcbf2_9ce4_8422_2325 ^ salt }

    package mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    package mutating func add(_ text: String) { for byte in text.utf8 { add(byte) } }
}
