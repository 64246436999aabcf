/// Facts in mp4 and mov files that libavformat 59 does not report: BCP 47 languages and titles of tracks, and edits.
/// Source: ISO/IEC 14496-12, 8.2.2, 8.4.2, 8.4.6, 8.6.6; for titles, QuickTime File Format, "User data atoms".
package enum QuickTime {
    /// One track.
    package struct Track {
        /// Its extended language tag, if it has one.
        package var language: String?
        /// Its title, if it has one.
        package var title: String?
        /// The parts of the track in the order in which they are played.
        fileprivate(set) var edits: [Edit] = []
        /// The duration of the media in seconds; 0 if the header was written before it was known.
        fileprivate(set) var length = 0.0

        /// Whether more than one part is played, so that frames are not on one grid.
        var hasSeveralEdits: Bool { edits.count { $0.start != nil } > 1 }

        /// Seconds from the first part to the end of the last; nil if libav knows it from a single edit, or if it is
        /// unknown.
        var playedLength: Double? {
            let played = edits.drop { $0.start == nil }
            // An edit of length 0 extends to the end, in files whose end was unknown when they were started.
            guard edits.count > 1, length > 0, !played.isEmpty, played.allSatisfy({ $0.length > 0 }) else { return nil }
            let last = played.lastIndex { $0.start != nil } ?? played.startIndex
            return played[...last].reduce(0) { sum, edit in
                sum + (edit.start.map { min(edit.length, max(0, length - $0)) } ?? edit.length)
            }
        }
    }

    /// A segment of media, in seconds; without a start, it is a pause.
    struct Edit {
        let start: Double?
        let length: Double
    }

    /// The maximum number for a track, since a file may contain anything.
    private static let mostEdits = 10_000

    private struct Box {
        let kind: String
        let content: Int
        let end: Int
    }

    /// The tracks by their ids.
    package static func tracks(_ file: FileBytes) -> [Int: Track] {
        var found: [Int: Track] = [:]
        for movie in boxes(file, in: whole(file), named: "moov", atMost: 1) {
            let isFragmented = !boxes(file, in: movie, named: "mvex").isEmpty
            let movieClock = boxes(file, in: movie, named: "mvhd").first.flatMap { clock(file, $0) }
            for track in boxes(file, in: movie, named: "trak") {
                guard let header = boxes(file, in: track, named: "tkhd").first,
                    let id = file.number(at: header.content + (isLong(file, header) ? 20 : 12), bytes: 4),
                    let media = boxes(file, in: track, named: "mdia").first
                else { continue }
                found[id] = Track(language: language(file, of: media), title: title(file, of: track))
                guard let movieClock, let mediaHeader = boxes(file, in: media, named: "mdhd").first,
                    let mediaClock = clock(file, mediaHeader),
                    let outer = boxes(file, in: track, named: "edts").first,
                    let list = boxes(file, in: outer, named: "elst").first
                else { continue }
                found[id]!.length = isFragmented ? 0 : mediaClock.length
                found[id]!.edits = edits(file, list, movieRate: movieClock.rate, mediaRate: mediaClock.rate)
            }
        }
        return found
    }

    /// The byte at which another file begins after the first one, which has all facts about the tracks.
    @Sendable static func secondFile(_ file: FileBytes) -> Int? {
        guard boxes(file, in: whole(file), named: "moov", atMost: 2).count > 1 else { return nil }
        return boxes(file, in: whole(file), named: "ftyp", atMost: 2).dropFirst().first.map { $0.content - 8 }
    }

    private static func whole(_ file: FileBytes) -> Box { Box(kind: "", content: 0, end: file.count) }

    /// Whether a box uses numbers of eight bytes instead of four.
    private static func isLong(_ file: FileBytes, _ box: Box) -> Bool { file.number(at: box.content, bytes: 1) == 1 }

    /// The ticks per second in a header (`mvhd`, `mdhd`), and the duration that it states in seconds.
    private static func clock(_ file: FileBytes, _ header: Box) -> (rate: Double, length: Double)? {
        let isLong = isLong(file, header)
        let place = header.content + (isLong ? 20 : 12)
        guard let rate = file.number(at: place, bytes: 4), rate > 0 else { return nil }
        return (Double(rate), Double(max(0, file.number(at: place + 4, bytes: isLong ? 8 : 4) ?? 0)) / Double(rate))
    }

    private static func language(_ file: FileBytes, of media: Box) -> String? {
        guard let box = boxes(file, in: media, named: "elng").first,
            // A version and flags, then zero-terminated text.
            case let length = box.end - box.content - 4, (1...256).contains(length),
            let text = file.bytes(at: box.content + 4, count: length)
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func title(_ file: FileBytes, of track: Box) -> String? {
        guard let data = boxes(file, in: track, named: "udta").first,
            let box = boxes(file, in: data, named: "name").first,
            case let length = box.end - box.content, (1...1024).contains(length),
            let text = file.bytes(at: box.content, count: length)
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func edits(_ file: FileBytes, _ list: Box, movieRate: Double, mediaRate: Double) -> [Edit] {
        let bytes = isLong(file, list) ? 8 : 4
        let stated = file.number(at: list.content + 4, bytes: 4) ?? 0
        let held = max(0, list.end - list.content - 8) / (2 * bytes + 4)
        return (0..<min(stated, held, mostEdits)).compactMap { index in
            let place = list.content + 8 + index * (2 * bytes + 4)
            guard let length = file.number(at: place, bytes: bytes),
                let start = file.number(at: place + bytes, bytes: bytes)
            else { return nil }
            // An empty edit has the start -1.
            let isEmpty = start == (bytes == 8 ? -1 : 0xFFFF_FFFF)
            return Edit(start: isEmpty ? nil : Double(start) / mediaRate, length: Double(length) / movieRate)
        }
    }

    /// Sizes in a file may be wrong: a box that does not fit ends the list.
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
