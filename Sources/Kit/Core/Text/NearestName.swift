/// Finds the valid name that a mistyped one most likely meant.
public enum NearestName {
    /// The candidate with the smallest edit distance to `name`, at most a third of its letters. If there is none, the
    /// shortest candidate that begins with `name`, from three letters on: "var" finds `variance`. Nil if there is none.
    public static func of(_ name: String, in candidates: some Sequence<String>) -> String? {
        let typed = name.lowercased()
        let limit = max(1, (name.count + 1) / 3)
        let ranked = candidates.map { (name: $0, distance: distance(typed, $0.lowercased())) }
        let near = ranked.filter { $0.distance <= limit }
        let meant = near.isEmpty && name.count >= 3 ? ranked.filter { $0.name.lowercased().hasPrefix(typed) } : near
        return meant.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// ": did you mean 'x'?" as the end of a message; empty if nothing is near.
    ///
    /// - Parameters:
    ///   - name: what was given.
    ///   - candidates: the valid names.
    ///   - foreignNames: names from elsewhere with the name here. They take precedence over a guess.
    public static func hint(
        _ name: String, in candidates: some Sequence<String>, foreignNames: [String: String] = [:]
    ) -> String {
        (foreignNames[name] ?? foreignNames[name.lowercased()] ?? of(name, in: candidates)).map {
            ": did you mean '\($0)'?"
        } ?? ""
    }

    /// The number of single-letter insertions, deletions, replacements and swaps of neighbours between two words.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.unicodeScalars)
        let b = Array(second.unicodeScalars)
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforePrevious[j - 1] + 1) }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
