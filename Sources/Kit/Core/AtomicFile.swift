import Glibc

/// A file that appears under its name only when it is complete: written beside it, synced, renamed over it.
///
/// Whatever happens before `commit` returns, what was under the name before is still there, whole. Errors carry the
/// path and the number of bytes that were to be written.
public final class AtomicFile {
    public let path: String
    private let temporary: String
    private let expectedBytes: Int
    private var descriptor: Int32

    /// Opens the temporary file, in the folder of `path`.
    ///
    /// - Parameters:
    ///   - path: where the file is to appear.
    ///   - expectedBytes: the size the file will have; reserved at once, so that a full disk is found early.
    public init(_ path: String, expectedBytes: Int) throws {
        self.path = path
        self.expectedBytes = expectedBytes
        temporary = "\(path).\(getpid()).tmp"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(errno) }
        let status = expectedBytes > 0 ? posix_fallocate(descriptor, 0, off_t(expectedBytes)) : 0
        // File systems without reservation say EOPNOTSUPP or EINVAL: then a full disk shows while writing.
        guard status == 0 || status == EOPNOTSUPP || status == EINVAL else {
            abandon()
            throw failure(status)
        }
    }

    deinit { abandon() }

    /// Appends bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Puts the file under its name, on the disk and not only in the system's cache.
    public func commit() throws {
        let length = lseek(descriptor, 0, SEEK_CUR)
        guard length >= 0, ftruncate(descriptor, length) == 0, fsync(descriptor) == 0 else { throw failure(errno) }
        let status = close(descriptor)
        descriptor = -1
        guard status == 0, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw failure(code)
        }
        try AtomicFile.syncFolder(of: path)
    }

    /// Makes a rename in the folder that holds `path` survive a power cut.
    public static func syncFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KitError.inputOutput("cannot open folder \(folder)", errno) }
        defer { close(descriptor) }
        // Some file systems cannot sync a folder, and say EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw KitError.inputOutput("cannot sync folder \(folder)", errno)
        }
    }

    private func abandon() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(temporary)
    }

    private func failure(_ code: Int32) -> KitError {
        .inputOutput("cannot write \(path) (\(expectedBytes) bytes)", code)
    }
}

extension KitError {
    /// A failed system call: the message, and the system's own words for `code` (an `errno`).
    public static func inputOutput(_ message: String, _ code: Int32) -> KitError {
        KitError(.inputOutput, "\(message): \(String(cString: strerror(code)))")
    }
}
