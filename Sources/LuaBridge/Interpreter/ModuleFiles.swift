import Foundation
import Kit

/// The Lua files that `require` finds, and the message for a missing module.
enum ModuleFiles {
    /// The names of the modules in the folders of a search path, "FOLDER/?.lua;FOLDER/?.lua".
    static func names(in searchPath: String) -> [String] {
        let files = folders(searchPath).flatMap { folder in
            (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        }
        return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }).sortedByBytes()
    }

    /// - Parameter loaded: the names of the modules that are already loaded.
    static func absence(of name: String, searchPath: String, loaded: [String]) -> String {
        if name.hasPrefix("kit.") { return "no module '\(name)': members of kit need no require: write \(name)" }
        let known = names(in: searchPath) + loaded
        let bare = name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
        let places = folders(searchPath).joined(separator: ", ")
        let file = bare.replacing(".", with: "/") + ending
        return "no module '\(name)'\(NearestName.hint(bare, in: known))"
            + (places.isEmpty ? "" : " (looked for \(file) in \(places))")
    }

    private static let ending = ".lua"

    private static func folders(_ searchPath: String) -> [String] {
        searchPath.split(separator: ";").map { $0.hasSuffix("/?.lua") ? String($0.dropLast(6)) : String($0) }
    }
}
