import Glibc
import KitCore

/// Reads bytes at any place in a file, for facts that libavformat does not report.
package final class FileBytes {
    /// The file's size.
    package let count: Int
    private let descriptor: Int32

    /// Nil if the file cannot be opened.
    package init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0 else { return nil }
        count = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    deinit { close(descriptor) }

    /// The whole content of a file. Throws an error with its name if it is larger than `AVLibrary.Limit.allocation`.
    static func all(of path: String, _ name: String) throws -> [UInt8] {
        guard let file = FileBytes(path) else { throw KitError.inputOutput("cannot read \(path)", errno) }
        guard file.count <= AVLibrary.Limit.allocation else {
            throw KitError(
                .badData,
                "\(name): a file of \(counted(file.count, "byte")) is larger than \(AVLibrary.Limit.allocation)")
        }
        guard let bytes = file.bytes(at: 0, count: file.count) else {
            throw KitError(.badData, "\(name): became shorter while it was read")
        }
        return bytes
    }

    /// Nil if the range is beyond the end of the file.
    func bytes(at position: Int, count: Int) -> [UInt8]? {
        guard position >= 0, count >= 0, count <= self.count, position <= self.count - count else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(position)) == count ? bytes : nil
    }

    /// An unsigned big-endian number.
    func number(at position: Int, bytes count: Int) -> Int? {
        bytes(at: position, count: count)?.reduce(0) { $0 << 8 | Int($1) }
    }
}
