import Foundation
import KitCore

/// The names of a session's runs.
package final class RunNames: SessionPart, @unchecked Sendable {
    private var used: [String: Int] = [:]

    package init() {}

    /// The file name of the session's recipe without its ending; "run" if there is no recipe.
    package static var `default`: String {
        Session.current.settings.recipe.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
            ?? "run"
    }

    /// The name itself, then "name-2", "name-3": a recipe may train more than once, and gets the same names when it is
    /// resumed.
    package func unique(_ name: String) -> String {
        used[name, default: 0] += 1
        let count = used[name, default: 1]
        return count == 1 ? name : "\(name)-\(count)"
    }
}
