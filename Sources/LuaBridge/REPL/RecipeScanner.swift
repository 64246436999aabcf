import Foundation
import Kit

/// The known keys of a recipe: those of `kit.recipe { ... }` in its text, or of a function named `recipe` that adds its
/// own; after a run, all of them.
enum RecipeScanner {
    static func keys(inFile path: String) -> [String] {
        let file = NSString(string: path).expandingTildeInPath
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let isLastRun = Session.current.settings.recipe == file
        let resolved = isLastRun ? Session.current.configuration.entries.map(\.key) : []
        return Set(keys(in: text) + resolved).sorted()
    }

    static func keys(in text: String) -> [String] {
        let tokens = LuaScanner.tokens(text).filter { if case .comment = $0.kind { false } else { true } }
        func isSymbol(_ place: Int, _ texts: [String]) -> Bool {
            tokens.indices.contains(place) && tokens[place].kind == .symbol && texts.contains(tokens[place].text)
        }
        guard
            let start = tokens.indices.first(where: {
                isSymbol($0, ["{"]) && LuaScanner.path(endingAt: $0, tokens).last == "recipe"
            })
        else { return [] }
        var (names, depth) = ([String](), 0)
        for place in start..<tokens.count {
            if isSymbol(place, ["{", "("]) { depth += 1 }
            if isSymbol(place, ["}", ")"]) { depth -= 1 }
            if depth == 1, isSymbol(place, ["="]), tokens[place - 1].kind == .name,
                isSymbol(place - 2, [",", ";", "{"])
            {
                names.append(tokens[place - 1].text)
            }
            if depth == 0 { break }
        }
        return names
    }
}
