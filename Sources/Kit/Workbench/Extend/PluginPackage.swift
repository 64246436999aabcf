import Foundation
import KitCore

/// The folder of a plugin: Swift files, from which `build` makes one library, and a test and an example in Lua.
public struct PluginPackage {
    public let folder: URL
    /// The folder's name, with characters replaced that a file or module cannot have.
    public let name: String

    /// The package in a folder. Throws if it has no Swift file.
    public init(_ folder: String) throws {
        self.folder = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL
        name = Self.identifier(self.folder.lastPathComponent)
        guard FileManager.default.fileExists(atPath: self.folder.path) else {
            throw KitError(.noInput, "plugin folder \(folder) does not exist: 'dubkit plugin new' makes one")
        }
        guard !sources.isEmpty else {
            let below = Self.files(in: self.folder) {
                !Self.files(in: self.folder.appendingPathComponent($0), where: Self.isSource).isEmpty
            }
            .map(\.lastPathComponent)
            let remedy =
                below.isEmpty
                ? "'dubkit plugin new' makes one"
                : "give one of the folders in it, each of which is a plugin: \(below.joined(separator: ", "))"
            throw KitError(.noInput, "plugin folder \(folder) has no Swift file: \(remedy)")
        }
    }

    /// The library that `build` makes.
    public var library: URL { folder.appendingPathComponent("build/\(name).so") }

    /// The tests that `dubkit plugin test` runs in addition to those for every plugin of its kind.
    public var tests: [URL] {
        Self.files(in: folder) { $0 == "test.lua" || $0.hasPrefix("test_") && $0.hasSuffix(".lua") }
    }

    /// The Swift files in the folder. A sub-folder with Swift files is another plugin.
    public var sources: [URL] { Self.files(in: folder, where: Self.isSource) }

    private static func isSource(_ name: String) -> Bool { name.hasSuffix(".swift") }

    /// The files in a folder with such names, sorted, without hidden files.
    private static func files(in folder: URL, where isWanted: (String) -> Bool) -> [URL] {
        let found = try? FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
        return (found ?? []).filter { isWanted($0.lastPathComponent) }.sortedByBytes(of: \.path)
    }

    /// Writes a new package for one kind of plugin from the kit's template.
    ///
    /// - Parameters:
    ///   - kind: one of `PluginTemplate.kinds`.
    ///   - name: the name in snake case: the plugin is then kit.<kind>.<name>.
    ///   - path: the folder, which must not exist or be empty; nil for a folder with the plugin's name.
    /// - Returns: the files.
    public static func create(kind: String, name: String, at path: String? = nil) throws -> [String] {
        let template = try PluginTemplate.find(kind)
        guard name.wholeMatch(of: #/[a-z][a-z0-9]*(_[a-z0-9]+)*/#) != nil else {
            throw KitError.usage("plugin new: a name must be in snake case, such as soft_cosine, but is '\(name)'")
        }
        guard !PluginRegistry.shared.names(of: kind).contains(name) else {
            throw KitError.usage("plugin new: kit.\(kind).\(name) exists already: choose another name")
        }
        let folder = URL(fileURLWithPath: path ?? name, isDirectory: true)
        let files = template.files(kind: kind, name: name).map { file, text in
            (place: folder.appendingPathComponent(file), text: text)
        }
        let present = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
            !TemporaryFile.isOne($0)
        }
        let made = files.filter { FileManager.default.contents(atPath: $0.place.path) == Data($0.text.utf8) }
        // Files that a killed process left are accepted if they are part of the template and unchanged.
        guard present.isEmpty || present.count == made.count && made.count < files.count else {
            throw KitError.usage("plugin new: folder \(folder.relativePath) exists already and is not empty")
        }
        let isNew = !FileManager.default.fileExists(atPath: folder.path)
        do {
            try Folder.make(folder.path)
            for (place, text) in files { try AtomicFile.write(text.utf8, to: place.path) }
        } catch {
            for (place, _) in files { unlink(place.path) }
            if isNew { rmdir(folder.path) }
            throw error
        }
        return files.map(\.place.relativePath)
    }

    private static func identifier(_ text: String) -> String {
        let letters = text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return letters.first.map { $0.isNumber } == true ? "_" + String(letters) : String(letters)
    }
}
