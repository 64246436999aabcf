import Glibc
import KitCore

/// Reads bytes at any place in a media file, which may be a member of a tar file: for facts that libavformat does not
/// report, and as its input.
package final class FileBytes {
    /// The file's size.
    package let count: Int
    private let descriptor: Int32
    /// Where it begins in the file on the disk.
    private let start: Int

    /// Nil if the file cannot be opened.
    package init?(_ path: String) {
        guard let place = try? MediaPlace.find(path) else { return nil }
        descriptor = open(place.file, O_RDONLY | O_CLOEXEC)
        (start, count) = (place.range.lowerBound, place.range.count)
        guard descriptor >= 0 else { return nil }
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
    package func bytes(at position: Int, count: Int) -> [UInt8]? {
        guard position >= 0, count >= 0, count <= self.count, position <= self.count - count else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return bytes.withUnsafeMutableBytes { read(at: position, into: $0) } == count ? bytes : nil
    }

    /// Fills a buffer from a position; the range must be within the file. Returns the number of bytes, fewer if the file
    /// became shorter, or a negative errno.
    package func read(at position: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        let read = retried { pread(descriptor, target.baseAddress, target.count, off_t(start + position)) }
        return read < 0 ? -Int(errno) : read
    }

    /// An unsigned big-endian number.
    func number(at position: Int, bytes count: Int) -> Int? {
        bytes(at: position, count: count)?.reduce(0) { $0 << 8 | Int($1) }
    }
}
