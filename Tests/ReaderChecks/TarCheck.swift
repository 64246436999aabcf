import KitCore
import KitMedia

extension ReaderCheck {
    /// Tar files: members lie in the file, none over another, and come back the same once written.
    static let tar = ReaderCheck(name: "tar") { bytes in
        try checkTar(bytes)
        // Once more with right checksums and an end: else hardly any change of a header would be seen.
        guard bytes.count >= 512 else { return }
        var mended = bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        for start in stride(from: 0, to: mended.count, by: 512) {
            let marks = mended[start + 257..<start + 262]
            guard marks.elementsEqual(Array("ustar".utf8)) else { continue }
            for place in 148..<156 { mended[start + place] = UInt8(ascii: " ") }
            let sum = mended[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8) + [0]
            mended.replaceSubrange(start + 148..<start + 148 + digits.count, with: digits)
        }
        try checkTar(mended + [UInt8](repeating: 0, count: 1024))
    }

    private static func checkTar(_ bytes: [UInt8]) throws {
        let file = try MemoryFile(bytes)
        guard let index = try unlessRefused({ try TarIndex(file.path) }) else { return }
        var end = 0
        for member in index.members {
            try expect(member.range.lowerBound >= end + 512 && member.range.upperBound <= bytes.count, "\(member)")
            end = member.range.upperBound
            try expect(index.member(member.name)?.range == member.range, "\(member) is not found")
            let parts = member.name.parts(separatedBy: "/", omittingEmpty: false)
            try expect(
                !parts.contains("") && !parts.contains(".") && !parts.contains(".."), "a member '\(member.name)'")
        }
        let copy =
            index.members.reduce(into: [UInt8]()) { copy, member in
                copy += TarWriter.header(member.name, member.range.count) + bytes[member.range]
                copy += TarWriter.padding(member.range.count)
            } + TarWriter.endMark
        let copied = try MemoryFile(copy)
        let again = try TarIndex(copied.path).members
        let isSame = again.elementsEqual(index.members) { one, other in
            one.name.utf8.elementsEqual(other.name.utf8) && copy[one.range] == bytes[other.range]
        }
        try expect(isSame, "other members: \(again), not \(index.members)")
    }
}
