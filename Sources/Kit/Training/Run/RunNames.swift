import Foundation
import KitCore

/// How runs are called.
package enum RunNames {
    nonisolated(unsafe) private static var used: [String: Int] = [:]

    /// The recipe's file name without its ending.
    package static var standard: String {
        RunSettings.current.recipe.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? "run"
    }

    /// The name itself, then "name-2", "name-3": a recipe may train more than once, and the same way when it is resumed.
    package static func unique(_ name: String) -> String {
        used[name, default: 0] += 1
        let count = used[name, default: 1]
        return count == 1 ? name : "\(name)-\(count)"
    }
}
