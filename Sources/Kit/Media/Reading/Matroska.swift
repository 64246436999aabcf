/// Facts in Matroska files that libavformat 59 does not report: BCP 47 languages of tracks, cropping, and the end of
/// the segment. Source: RFC 8794 (EBML) and RFC 9559 (Matroska).
package enum Matroska {
    private static let magic: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3]

    private enum ID {
        static let segment = 0x1853_8067
        static let seekHead = 0x114D_9B74
        static let seek = 0x4DBB
        static let seekID = 0x53AB
        static let seekPosition = 0x53AC
        static let tracks = 0x1654_AE6B
        static let entry = 0xAE
        static let type = 0x83
        static let language = 0x22_B59D
        static let video = 0xE0
        /// The number of rows and columns to cut off at the bottom, top, left and right.
        static let crops = [0x54AA, 0x54BB, 0x54CC, 0x54DD]
        static let cluster = 0x1F43_B675
    }

    /// An element: the start of its content, and the end if its size is known.
    struct Element {
        let id: Int
        let content: Int
        let end: Int?
    }

    /// A track: the number of its type (1 video, 2 sound, 17 subtitle), its language if it has the newer element, and
    /// its crop.
    package struct Track {
        package var type = 0
        package var language: String?
        /// Whether players crop its frames.
        var isCropped = false
    }

    /// The byte at which another file begins after the segment.
    @Sendable package static func secondFile(_ file: FileBytes) -> Int? {
        segment(file)?.end.flatMap { file.bytes(at: $0, count: 4) == magic ? $0 : nil }
    }

    /// The segment; nil if the file is not a Matroska file.
    private static func segment(_ file: FileBytes) -> Element? {
        guard let header = element(file, at: 0), let next = header.end, file.bytes(at: 0, count: 4) == magic else {
            return nil
        }
        return element(file, at: next).flatMap { $0.id == ID.segment ? $0 : nil }
    }

    /// The tracks in file order; empty if they are neither before the first cluster nor in the index.
    package static func tracks(_ file: FileBytes) -> [Track] {
        guard let segment = segment(file) else { return [] }
        var pointed: Int?
        for element in children(file, of: segment) {
            switch element.id {
            case ID.tracks: return tracks(file, in: element)
            case ID.seekHead:
                for seek in children(file, of: element) where seek.id == ID.seek {
                    let parts = children(file, of: seek)
                    guard let id = parts.first(where: { $0.id == ID.seekID }), number(file, id) == ID.tracks else {
                        continue
                    }
                    pointed = parts.first { $0.id == ID.seekPosition }.flatMap { number(file, $0) }
                }
            case ID.cluster:
                guard let pointed, pointed < file.count, let found = Self.element(file, at: segment.content + pointed),
                    found.id == ID.tracks
                else { return [] }
                return tracks(file, in: found)
            default: break
            }
        }
        return []
    }

    private static func tracks(_ file: FileBytes, in element: Element) -> [Track] {
        children(file, of: element).filter { $0.id == ID.entry }.map { entry in
            children(file, of: entry).reduce(into: Track()) { track, part in
                if part.id == ID.type { track.type = number(file, part) ?? 0 }
                if part.id == ID.language { track.language = text(file, part) }
                if part.id == ID.video {
                    track.isCropped = children(file, of: part).contains {
                        ID.crops.contains($0.id) && number(file, $0) ?? 0 > 0
                    }
                }
            }
        }
    }

    /// The child elements of another. Sizes in a file may be wrong: an element that does not fit ends the list.
    private static func children(_ file: FileBytes, of parent: Element) -> [Element] {
        var found: [Element] = []
        var place = parent.content
        let end = min(parent.end ?? file.count, file.count)
        while place < end, found.count < 10_000, let element = element(file, at: place) {
            found.append(element)
            // Everything of interest comes before the clusters.
            guard let next = element.end, next > place, element.id != ID.cluster else { break }
            place = next
        }
        return found
    }

    private static func element(_ file: FileBytes, at place: Int) -> Element? {
        guard let first = file.number(at: place, bytes: 1), first != 0 else { return nil }
        let idLength = first.leadingZeros + 1
        guard idLength <= 4, let id = file.number(at: place, bytes: idLength),
            let sizeFirst = file.number(at: place + idLength, bytes: 1), sizeFirst != 0
        else { return nil }
        let sizeLength = sizeFirst.leadingZeros + 1
        guard let raw = file.number(at: place + idLength, bytes: sizeLength) else { return nil }
        let mask = 1 << (7 * sizeLength) - 1
        let content = place + idLength + sizeLength
        let size = raw & mask
        return Element(
            id: id, content: content, end: size == mask || size > Int(Int32.max) << 20 ? nil : content + size)
    }

    private static func number(_ file: FileBytes, _ element: Element) -> Int? {
        guard let end = element.end, (1...7).contains(end - element.content) else { return nil }
        return file.number(at: element.content, bytes: end - element.content)
    }

    private static func text(_ file: FileBytes, _ element: Element) -> String? {
        guard let end = element.end, end - element.content <= 256 else { return nil }
        return file.bytes(at: element.content, count: end - element.content).map {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension Int {
    /// Zero bits above the highest one of a byte.
    fileprivate var leadingZeros: Int { UInt8(truncatingIfNeeded: self).leadingZeroBitCount }
}
