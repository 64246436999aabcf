import KitCore

/// The content of a file of subtitles, as libavformat should read it.
///
/// libavformat ends a WebVTT file at the first block that is not a cue, and makes up the end of an entry that ends before
/// its start. So blocks without a time are left out here, as the WebVTT specification says of styles, regions and notes,
/// and times that cannot be are an error.
struct SubtitleText {
    let bytes: [UInt8]

    private typealias Line = (number: Int, bytes: ArraySlice<UInt8>)

    init(_ path: String, _ name: String) throws {
        let content = Self.utf8(try FileBytes.all(of: path, name))
        let lines = Self.lines(content)
        guard content.starts(with: "WEBVTT".utf8) else {
            bytes = content
            for line in lines {
                if let times = Self.times(line, #/Dialogue:[^,]*,\s*([^,]*),([^,]*),.*/#)
                    ?? Self.times(line, Self.arrow)
                {
                    try Self.check(times, line, name)
                }
            }
            return
        }
        var kept = Array("WEBVTT\n".utf8)
        for block in lines.split(whereSeparator: \.bytes.isEmpty) {
            // A cue's name may stand before its times.
            guard let line = block.prefix(2).first(where: { $0.bytes.firstRange(of: Array("-->".utf8)) != nil }) else {
                continue
            }
            guard let times = Self.times(line, Self.arrow) else {
                let text = String(decoding: line.bytes, as: UTF8.self).printable
                throw KitError(
                    .badData,
                    "\(name): line \(line.number): expected times such as 00:01.500 --> 00:03.000, found \(text)")
            }
            try Self.check(times, line, name)
            for line in block { kept += [0x0a] + line.bytes }
            kept.append(0x0a)
        }
        bytes = kept
    }

    private static var arrow: Regex<(Substring, Substring, Substring)> { #/\s*(\S+)\s*-->\s*(\S+).*/# }

    /// Without a byte order mark, and UTF-8 instead of UTF-16.
    private static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return Array(bytes.dropFirst(3)) }
        let isBig = bytes.starts(with: [0xfe, 0xff])
        guard isBig || bytes.starts(with: [0xff, 0xfe]) else { return bytes }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
            UInt16(bytes[isBig ? place : place + 1]) << 8 | UInt16(bytes[isBig ? place + 1 : place])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// The lines, which end with a line feed, a carriage return or both.
    private static func lines(_ bytes: [UInt8]) -> [Line] {
        var (lines, start): ([Line], Int) = ([], 0)
        for end in bytes.indices where bytes[end] == 0x0a || bytes[end] == 0x0d {
            if bytes[end] == 0x0a, end > 0, bytes[end - 1] == 0x0d {
                start = end + 1
                continue
            }
            lines.append((lines.count + 1, bytes[start..<end]))
            start = end + 1
        }
        return lines + [(lines.count + 1, bytes[start...])]
    }

    /// The start and the end of an entry in a line; nil if it is not one that states times.
    private static func times(
        _ line: Line, _ pattern: Regex<(Substring, Substring, Substring)>
    ) -> (start: Double, end: Double)? {
        guard let match = String(decoding: line.bytes, as: UTF8.self).wholeMatch(of: pattern),
            let start = time(match.1), let end = time(match.2)
        else { return nil }
        return (start, end)
    }

    /// The seconds of "01:02:03,456" or "02:03.456".
    private static func time(_ text: Substring) -> Double? {
        guard let match = text.wholeMatch(of: #/\s*(?:(\d{1,9}):)?(\d{1,9}):(\d{1,9})([.,:]\d{1,9})\s*/#),
            let minutes = Double(match.2), let whole = Double(match.3), let part = Double("0.\(match.4.dropFirst())")
        else { return nil }
        let hours = match.1.flatMap { Double($0) } ?? 0
        return hours * 3600 + minutes * 60 + whole + part
    }

    private static func check(_ times: (start: Double, end: Double), _ line: Line, _ name: String) throws {
        guard times.end < times.start else { return }
        throw KitError(
            .badData,
            "\(name): line \(line.number): the subtitle ends at \(seconds(times.end)), before its start at \(seconds(times.start))"
        )
    }
}
