import Glibc

/// Finds the files of plugins at a path that a user gives.
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
                .noInput, "plugin folder \(path) holds no library: build one with 'dubkit plugin build \(path)'")
        }
        return found
    }

    /// What a folder holds, but for hidden files, sorted; nothing if it is none.
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
        return names.sorted()
    }
}
