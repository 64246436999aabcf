import Kit

/// Suggestions for a name that does not exist.
extension LuaState {
    /// ": did you mean 'print'?" after "attempt to call a nil value (global 'prnt')"; "" if nothing is near.
    func hint(for error: KitError) -> String {
        let pattern = #/attempt to [a-z ]+ a nil value \((global|field|method) '([^']+)'\)/#
        guard let match = error.text.wholeMatch(of: pattern), let (source, line) = place(of: error) else { return "" }
        let name = String(match.2)
        if match.1 == "global" {
            return NearestName.hint(name, in: names(in: []) + LuaScanner.localNames(in: source))
        }
        let tokens = LuaScanner.tokens(line)
        let uses = tokens.indices.dropFirst().filter {
            tokens[$0].text == name && [".", ":"].contains(tokens[$0 - 1].text)
        }
        return uses.lazy.map { NearestName.hint(name, in: self.names(in: LuaScanner.path(endingAt: $0 - 1, tokens))) }
            .first { !$0.isEmpty } ?? ""
    }

    /// The member names of a table with a global name, such as a library of Lua.
    private func names(in path: [String]) -> [String] {
        guard case .names(let names)? = members(of: path) else { return [] }
        return names
    }

    /// The source text of an error, and the line.
    private func place(of error: KitError) -> (source: String, line: String)? {
        guard let place = error.place, let colon = place.lastIndex(of: ":"),
            let number = Int(place[place.index(after: colon)...]), let source = source(String(place[..<colon]))
        else { return nil }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.contains(number - 1) ? (source, String(lines[number - 1])) : nil
    }
}

extension LuaScanner {
    /// The names that a text declares as local, including functions.
    fileprivate static func localNames(in text: String) -> [String] {
        let tokens = tokens(text)
        return tokens.indices.filter { tokens[$0].text == "local" }.flatMap { start -> [String] in
            var (names, place) = ([String](), start + 1)
            if place < tokens.count, tokens[place].text == "function" { place += 1 }
            while place < tokens.count, isName(tokens[place].text) {
                names.append(tokens[place].text)
                guard place + 2 < tokens.count, tokens[place + 1].text == "," else { break }
                place += 2
            }
            return names
        }
    }
}
