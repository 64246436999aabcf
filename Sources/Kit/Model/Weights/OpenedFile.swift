import Glibc
import KitCore

/// A file of weights, open for reading at any place.
final class OpenedFile {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        // A named pipe would wait for its writer; it is refused for its kind.
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            let missing = errno == ENOENT || errno == ENOTDIR
            throw KitError(
                missing ? .noInput : .inputOutput, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        (self.path, descriptor) = (path, opened)
    }

    deinit { close(descriptor) }

    /// The size in bytes; nil if it is not a regular file.
    func size() throws -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw KitError.inputOutput("cannot read \(path)", errno) }
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// Fills all of the bytes from a place on.
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let got = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw KitError.inputOutput("cannot read \(path)", errno) }
            guard got > 0 else { throw KitError(.badData, "\(path): became shorter while it was read") }
            done += got
        }
    }
}
