import Glibc

/// A lock file that only one process at a time can hold, so that no two work in the same folder. The system releases it
/// when the process ends, even if it is killed.
public final class FileLock {
    /// The name of the file that locks the folder it is in.
    package static let fileName = ".lock"

    private let path: String
    private let isRemoved: Bool
    private let descriptor: Int32

    /// Takes the lock, or throws at once.
    ///
    /// - Parameters:
    ///   - path: the lock file, created if it does not exist.
    ///   - isRemoved: whether the file is removed when the lock is released.
    ///   - message: the message of the `.configuration` error that is thrown if another process holds the lock.
    public init(_ path: String, isRemoved: Bool = false, held message: @autoclosure () -> String) throws {
        (self.path, self.isRemoved) = (path, isRemoved)
        while true {
            let file = retried { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
            guard file >= 0 else { throw KitError.inputOutput("cannot write '\(path)'", errno) }
            guard retried({ flock(file, LOCK_EX | LOCK_NB) }) == 0 else {
                let code = errno
                close(file)
                guard code != EWOULDBLOCK else { throw KitError(.configuration, message()) }
                throw KitError.inputOutput("cannot lock '\(path)'", code)
            }
            // The previous holder may have removed the file in the meantime.
            if Self.isNamed(file, path) {
                descriptor = file
                return
            }
            close(file)
        }
    }

    deinit {
        if isRemoved { unlink(path) }
        close(descriptor)
    }

    /// True while a process holds the lock.
    public static func isHeld(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func isNamed(_ file: Int32, _ path: String) -> Bool {
        var (held, named) = (stat(), stat())
        return fstat(file, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }
}
