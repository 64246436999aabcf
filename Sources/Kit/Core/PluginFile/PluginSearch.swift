import Glibc

/// Finds plugin files at a path from the user.
enum PluginSearch {
    static func files(at path: String) throws -> [String] {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw KitError(.noInput, "plugin \(path): \(String(cString: strerror(errno)))")
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let folders = [path, "\(path)/build"] + names(in: path).filter { $0 != "build" }.map { "\(path)/\($0)/build" }
        let found = folders.flatMap { folder in
            names(in: folder).filter { $0.hasSuffix(".so") }.map { "\(folder)/\($0)" }
        }
        guard !found.isEmpty else {
            throw KitError(
                .noInput, "plugin folder \(path) contains no library: build one with 'dubkit plugin build \(path)'")
        }
        return found
    }

    /// A Swift file that is newer than the library in the `build` folder next to it; nil if there is none.
    static func newerSource(than library: String) -> String? {
        let words = library.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count > 2, words[words.count - 2] == "build", let made = changed(library) else { return nil }
        let folder = words.dropLast(2).joined(separator: "/")
        return names(in: folder).filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
            .first { changed($0).map { made < $0 } ?? false }
    }

    /// The time of a file's last change: seconds and nanoseconds.
    private static func changed(_ file: String) -> (Int, Int)? {
        var facts = stat()
        return stat(file, &facts) == 0 ? (facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec) : nil
    }

    /// The names in a folder, sorted, without hidden files; empty if it is not a folder.
    private static func names(in folder: String) -> [String] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sortedByBytes()
    }
}
