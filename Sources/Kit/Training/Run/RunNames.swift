import Foundation
import KitCore

/// The names of a session's runs.
package final class RunNames: SessionPart, @unchecked Sendable {
    private var used: [String: Int] = [:]
    /// The ending of the names of the runs of a piece of work.
    private var suffix = ""

    package init() {}

    /// The file name of the session's recipe without its ending; "run" if there is no recipe.
    package static var `default`: String {
        Session.current.settings.recipe.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
            ?? "run"
    }

    /// The name itself, then "name-2", "name-3": a recipe may train more than once, and gets the same names when it is
    /// resumed.
    package func unique(_ name: String) -> String {
        let name = name + suffix
        used[name, default: 0] += 1
        let count = used[name, default: 1]
        return count == 1 ? name : "\(name)-\(count)"
    }

    /// Starts over, as in a new program: the next run of each name is one more of the same name.
    package func reset() { used = [:] }

    /// Runs `body`, whose runs get the names "name-piece-3", "name-piece-3-2" in any order of the pieces.
    package func apart<Result>(piece: Int, _ body: () throws -> Result) rethrows -> Result {
        let before = suffix
        suffix += "-piece-\(piece + 1)"
        defer { suffix = before }
        return try body()
    }
}
