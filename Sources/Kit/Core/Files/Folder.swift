import Glibc

/// Folders of the disk; every error names the folder and the system's reason.
public enum Folder {
    /// Creates a folder and its parents; it may exist already.
    public static func make(_ path: String) throws {
        guard !path.isEmpty else { throw KitError.usage("the name of a folder to make is empty") }
        try requireName(path)
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? part : "/\(part)"
            let (status, code) = (mkdir(made, 0o777), errno)
            if status == 0 || isThere(made) { continue }
            let reason = code == EEXIST ? ENOTDIR : code
            throw KitError.inputOutput("cannot make the folder '\(path)'", reason)
        }
    }

    /// Throws if a path contains a NUL character, where C would end it.
    static func requireName(_ path: String) throws {
        guard !path.utf8.contains(0) else {
            throw KitError.usage("the name '\(path.replacing("\0", with: "\\0"))' contains a NUL character")
        }
    }

    /// Syncs a folder, so that the names in it survive a power cut.
    public static func sync(_ path: String) throws {
        let descriptor = retried { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw KitError.inputOutput("cannot open the folder '\(path)'", errno) }
        defer { close(descriptor) }
        // Some file systems cannot sync a folder and return EINVAL.
        guard retried({ fsync(descriptor) }) == 0 || errno == EINVAL else {
            throw KitError.inputOutput("cannot sync the folder '\(path)'", errno)
        }
    }

    /// The folder that contains a path.
    package static func of(_ path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// The path after following symbolic links; the last one may point to nothing.
    package static func destination(of path: String) -> String {
        var place = path
        // Linux follows at most this many links.
        for _ in 0..<40 {
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = target.withUnsafeMutableBytes {
                readlink(place, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
            }
            guard count > 0, let text = String(validating: target[..<count], as: UTF8.self) else { break }
            place = text.hasPrefix("/") ? text : "\(of(place))/\(text)"
        }
        return place
    }

    /// The names in a folder, unsorted; empty if it cannot be read.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
