import Foundation
import Kit

/// The runs of a sweep: every combination of the values of its keys.
struct SweepPlan {
    struct Cell {
        /// The values of the keys that differ between runs, in the order of the command line.
        let values: [(key: String, text: String)]
        let overrides: [(key: String, text: String)]

        /// "learning_rate=1e-3,seed=1": the name of its folder.
        var name: String {
            let name = values.map { "\($0.key)=\($0.text.replacingOccurrences(of: "/", with: "_"))" }.joined(
                separator: ",")
            return name.isEmpty ? "all" : name
        }
    }

    let cells: [Cell]

    /// - Parameters:
    ///   - keys: "learning_rate=1e-3,3e-3", "seed=1..3".
    ///   - fixed: keys that are the same in all runs.
    init(_ keys: [String], fixed: [(key: String, text: String)]) throws {
        var axes: [(key: String, values: [String])] = []
        for argument in keys {
            let (key, text) = try ResolvedConfiguration.parseOverride(argument)
            guard !axes.contains(where: { $0.key == key }), !fixed.contains(where: { $0.key == key }) else {
                throw KitError.usage("key '\(key)' is given twice")
            }
            axes.append((key, try Self.values(text, of: key)))
        }
        let count = axes.reduce(1) {
            $0.multipliedReportingOverflow(by: $1.values.count).overflow ? .max : $0 * $1.values.count
        }
        guard count <= 10_000 else {
            throw KitError.usage("a sweep of \(counted(count, "run")): expected at most 10000")
        }
        var cells: [[(key: String, text: String)]] = [[]]
        for (key, values) in axes { cells = cells.flatMap { cell in values.map { cell + [(key, $0)] } } }
        let changing = Set(axes.filter { $0.values.count > 1 }.map(\.key))
        self.cells = cells.map { cell in
            Cell(values: cell.filter { changing.contains($0.key) }, overrides: fixed + cell)
        }
    }

    /// A few cells in which every value of every key occurs: what is wrong with a value shows in one of them.
    var examples: [Cell] {
        var seen: Set<String> = []
        return cells.enumerated().filter { number, cell in
            let fresh = cell.overrides.filter { seen.insert("\($0.key)=\($0.text)").inserted }
            return number == 0 || !fresh.isEmpty
        }.map(\.element)
    }

    /// The values of "1e-3,3e-3" or "1..3".
    private static func values(_ text: String, of key: String) throws -> [String] {
        let values = try text.components(separatedBy: ",").flatMap { part -> [String] in
            guard let match = part.wholeMatch(of: #/(-?\d+)\.\.(-?\d+)/#) else { return [part] }
            guard let first = Int(match.1), let last = Int(match.2), first <= last, last - first < 10_000 else {
                throw KitError.usage("\(key)=\(text): '\(part)' must go from a whole number up to another, as in 1..3")
            }
            return (first...last).map(String.init)
        }
        guard !values.contains("") else { throw KitError.usage("\(key)=\(text): one of its values is empty") }
        if let twice = Dictionary(grouping: values, by: { $0 }).first(where: { $1.count > 1 })?.key {
            throw KitError.usage("\(key)=\(text): has '\(twice)' twice")
        }
        return values
    }
}
