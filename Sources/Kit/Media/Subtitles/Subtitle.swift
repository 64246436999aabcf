import KitCore

/// One entry of a track of subtitles.
public struct Subtitle: Sendable, Equatable {
    /// Seconds on the film's time line.
    public let start: Double
    public let end: Double
    /// Plain text, with line breaks as shown, without styles.
    public let text: String

    public init(start: Double, end: Double, text: String) {
        (self.start, self.end, self.text) = (start, end, text)
    }

    /// The plain text of a dialogue event of Advanced SubStation Alpha, the form into which libavcodec decodes all kinds of
    /// text. Its first eight fields, separated by commas, are not text.
    package static func text(ofEvent event: String) -> String {
        let fields = event.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false)
        guard fields.count == 9 else { return "" }
        var (plain, isOverride, isEscaped) = ("", false, false)
        for character in fields[8] {
            if isEscaped {
                isEscaped = false
                switch character {
                case "N", "n": plain += "\n"
                case "h": plain += " "
                default: plain += "\\\(character)"
                }
            } else if character == "\\" && !isOverride {
                isEscaped = true
            } else if character == "{" {
                isOverride = true
            } else if character == "}" && isOverride {
                isOverride = false
            } else if !isOverride {
                plain.append(character)
            }
        }
        let lines = plain.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces }.filter { !$0.isEmpty }
        return lines.joined(separator: "\n")
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

/// A track of subtitles in a film.
public struct SubtitleTrack: Sendable, Equatable {
    /// The stream's number in the container.
    public let index: Int
    /// The normalised language; `und` if the file states none.
    public let language: Language
    /// Short name of the codec, as FFmpeg spells it: "subrip".
    public let codec: String
    /// Whether it is text. Others are pictures of text, which cannot be read.
    public let isText: Bool
    public let title: String?

    /// "#3 fr (French), subrip".
    public var summary: String {
        let name = language == .undetermined ? "und" : "\(language) (\(language.name))"
        return "#\(index) \(name), \(codec)" + (title.map { " '\($0)'" } ?? "")
    }
}
