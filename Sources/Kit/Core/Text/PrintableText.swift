extension StringProtocol {
    /// The text with characters that control a terminal or reverse the writing direction replaced by escapes. File
    /// names, track titles and the output of other programs may contain any of them. Line breaks and tabs are kept.
    public var printable: String { escaped { $0 == "\n" || $0 == "\t" } }

    /// The same, for text that must fit on one line.
    public var printableLine: String { escaped { _ in false } }

    private func escaped(except isKept: (Unicode.Scalar) -> Bool) -> String {
        guard unicodeScalars.contains(where: { $0.steersTerminal && !isKept($0) }) else { return String(self) }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.steersTerminal, !isKept(scalar) {
                text.append(contentsOf: scalar.escape.unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// Control characters, line separators, and marks that override the direction of text.
    fileprivate var steersTerminal: Bool {
        switch value {
        case 0...0x1f, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// `\x1b` for the control characters of ASCII, `\u009b` for the others.
    fileprivate var escape: String {
        switch self {
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        default:
            let digits = String(value, radix: 16)
            let width = value < 0x20 ? 2 : 4
            return (width == 2 ? "\\x" : "\\u") + digits.padded(to: width, .right, with: "0")
        }
    }
}
