import Foundation
import KitCore

/// Tar files made byte by byte, also wrong ones.
public struct TarBytes {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// A tar file of these members with its end mark.
    public static func file(_ members: [(name: String, text: String)]) -> [UInt8] {
        var tar = TarBytes()
        for (name, text) in members { tar.add(name, Array(text.utf8)) }
        return tar.ended()
    }

    /// Adds a header and content, padded.
    ///
    /// - Parameters:
    ///   - size: what the header states; nil for the size of the content.
    ///   - magic: `ustar\0` and its version, or what GNU tar or Unix V7 write.
    ///   - change: changes the header before its checksum is computed.
    public mutating func add(
        _ name: String, _ content: [UInt8] = [], kind: Character = "0", size: String? = nil,
        magic: String = "ustar\u{0}00",
        change: (inout [UInt8]) -> Void = { _ in }
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put(size ?? Self.octal(content.count), at: 124)
        put("        \(kind)", at: 148)
        put(magic, at: 257)
        change(&block)
        put(String(String(block.reduce(0) { $0 + Int($1) }, radix: 8)) + "\u{0}", at: 148)
        bytes += block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// Eleven octal digits.
    public static func octal(_ number: Int) -> String {
        String(number, radix: 8).padded(to: 11, .right, with: "0")
    }

    /// A record of a pax header.
    public static func record(_ name: String, _ value: String) -> [UInt8] {
        let rest = " \(name)=\(value)\n"
        let length = (1...9).first { rest.utf8.count + $0 < Int(pow(10, Double($0))) }! + rest.utf8.count
        return Array("\(length)\(rest)".utf8)
    }

    /// All bytes and the end mark.
    public func ended() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
