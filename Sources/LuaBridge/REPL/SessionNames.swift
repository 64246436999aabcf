/// Keeps the local names of chunks at the prompt. Each chunk is a separate function, so its local names would otherwise
/// end before the next chunk could use them.
package enum SessionNames {
    /// The same chunk with its outermost local names made global. Lines and columns do not change, except after names
    /// without a value on their line. A variable marked `<close>` stays local: it is closed at the end of its chunk.
    package static func kept(in text: String) -> String {
        let tokens = LuaScanner.tokens(text).filter { if case .comment = $0.kind { false } else { true } }
        var bytes = Array(text.utf8)
        var (depth, missing) = (0, [Int]())
        for (place, token) in tokens.enumerated() where token.kind == .name {
            switch token.text {
            case "function", "do", "if", "repeat": depth += 1
            case "end", "until": depth -= 1
            case "local" where depth == 0:
                guard let names = Declaration(after: place, tokens) else { continue }
                for range in [token.range] + names.marks {
                    for index in range { bytes[index] = UInt8(ascii: " ") }
                }
                if let end = names.endWithoutValue { missing.append(end) }
            default: break
            }
        }
        // Edits from the end, so that earlier positions stay valid.
        for end in missing.reversed() { bytes.insert(contentsOf: Array(" = nil".utf8), at: end) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names after `local`; nil if the declaration must not change.
    private struct Declaration {
        /// The range of `<const>`.
        private(set) var marks: [Range<Int>] = []
        /// The position after the names for a value; nil if there is one.
        private(set) var endWithoutValue: Int?

        init?(after local: Int, _ tokens: [LuaScanner.Token]) {
            func text(_ place: Int) -> String { place < tokens.count ? tokens[place].text : "" }
            var place = local + 1
            if text(place) == "function" { return }
            while true {
                guard LuaScanner.isName(text(place)) else { return nil }
                endWithoutValue = tokens[place].range.upperBound
                place += 1
                if text(place) == "<" {
                    guard text(place + 1) == "const", text(place + 2) == ">" else { return nil }
                    marks.append(tokens[place].range.lowerBound..<tokens[place + 2].range.upperBound)
                    place += 3
                }
                guard text(place) == "," else { break }
                place += 1
            }
            if text(place) == "=" { endWithoutValue = nil }
        }
    }
}
