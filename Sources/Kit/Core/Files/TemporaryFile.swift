import Glibc
import Synchronization

/// A file that is being written, next to its final place: `film.mkv.dubkit-4711.tmp`.
///
/// Its writer holds a lock on it, which the system releases when the process ends. A file with such a name and no lock
/// was therefore left by a killed process, and the next process that writes to the folder removes it.
package enum TemporaryFile {
    private static let mark = ".dubkit-"
    private static let ending = ".tmp"
    /// Folders that this process has cleaned already.
    private static let tidied = Mutex<Set<String>>([])

    /// Creates one and opens it for writing. On failure the descriptor is -1 and `errno` is set.
    static func make(for path: String) -> (path: String, descriptor: Int32) {
        let folder = Folder.of(path)
        if tidied.withLock({ $0.insert(folder).inserted }) { tidy(folder) }
        var name = String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
        // A name may have 255 bytes; this many are left for the file's own.
        if name.utf8.count > 220 { name = "" }
        var number = 1
        while true {
            let counter = number == 1 ? "" : "-\(number)"
            let temporary = "\(folder)/\(name)\(mark)\(getpid())\(counter)\(ending)"
            let descriptor = retried { open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
            guard descriptor >= 0 || errno == EEXIST else { return (temporary, -1) }
            if descriptor >= 0 {
                if isKept(descriptor) { return (temporary, descriptor) }
                close(descriptor)
            }
            number += 1
        }
    }

    /// Locks a new file. Returns false if another process mistook it for an abandoned one and removed it.
    private static func isKept(_ descriptor: Int32) -> Bool {
        // On file systems without locks, no file counts as abandoned.
        if retried({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 { return errno != EWOULDBLOCK }
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink > 0
    }

    /// Removes abandoned temporary files.
    private static func tidy(_ folder: String) {
        for name in Folder.names(folder) where isOne(name) {
            let path = "\(folder)/\(name)"
            let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
            close(descriptor)
        }
    }

    /// Returns true for the name of a temporary file.
    package static func isOne(_ name: String) -> Bool {
        guard name.hasSuffix(ending), let place = name.ranges(of: mark).last else { return false }
        let number = name[place.upperBound...].dropLast(ending.count)
        return !number.isEmpty && number.utf8.allSatisfy { 48...57 ~= $0 || $0 == 45 }
    }
}
