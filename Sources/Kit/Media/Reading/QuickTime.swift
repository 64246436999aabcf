/// What mp4 and mov files say that libavformat 59 does not hand on: the languages of tracks by BCP 47, in the box `elng`.
/// Source: ISO/IEC 14496-12, 8.4.6.
package enum QuickTime {
    private struct Box {
        let kind: String
        let content: Int
        let end: Int
    }

    /// The extended language tags by the tracks' ids.
    package static func languages(_ file: FileBytes) -> [Int: String] {
        var found: [Int: String] = [:]
        let whole = Box(kind: "", content: 0, end: file.count)
        for movie in boxes(file, in: whole, named: "moov", atMost: 1) {
            for track in boxes(file, in: movie, named: "trak") {
                guard let header = boxes(file, in: track, named: "tkhd").first,
                    let version = file.number(at: header.content, bytes: 1),
                    let id = file.number(at: header.content + (version == 0 ? 12 : 20), bytes: 4),
                    let media = boxes(file, in: track, named: "mdia").first,
                    let language = boxes(file, in: media, named: "elng").first,
                    // A version and flags, then text that a zero ends.
                    case let length = language.end - language.content - 4, (1...256).contains(length),
                    let text = file.bytes(at: language.content + 4, count: length)
                else { continue }
                found[id] = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        return found
    }

    /// Files may lie about sizes: what does not fit ends the list.
    private static func boxes(
        _ file: FileBytes, in parent: Box, named kind: String, atMost most: Int = .max
    ) -> [Box] {
        var found: [Box] = []
        var place = parent.content
        var count = 0
        while place + 8 <= parent.end, count < 100_000, found.count < most {
            guard var size = file.number(at: place, bytes: 4), let name = file.bytes(at: place + 4, count: 4) else {
                break
            }
            var header = 8
            if size == 1 {
                guard let high = file.number(at: place + 8, bytes: 4), high < 1 << 24,
                    let low = file.number(at: place + 12, bytes: 4)
                else { break }
                (size, header) = (high << 32 | low, 16)
            } else if size == 0 {
                size = parent.end - place
            }
            guard size >= header, size <= parent.end - place else { break }
            if name == Array(kind.utf8) { found.append(Box(kind: kind, content: place + header, end: place + size)) }
            place += size
            count += 1
        }
        return found
    }
}
