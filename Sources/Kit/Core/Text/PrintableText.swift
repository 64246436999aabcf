extension StringProtocol {
    /// The text with everything that would steer a terminal, or turn the order of letters round, as the escape that a programmer
    /// writes: names of files, titles of tracks and what other programs say may hold anything. Line breaks and tabs stay.
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
    /// Control characters, line separators, and marks that override the direction of the text behind them.
    fileprivate var steersTerminal: Bool {
        switch value {
        case 0...0x1f, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// `\x1b`; beyond ASCII's own control characters, which JSON texts never hold as they are, what JSON writes too: `\u009b`.
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
