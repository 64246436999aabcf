import Glibc

/// A file that is read in parts, with every range checked against its length.
final class FileBytes {
    let path: String
    let count: UInt64
    private let descriptor: Int32

    init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw KitError(.noInput, "\(path): \(String(cString: strerror(errno)))") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw KitError(.noInput, "\(path): is not a file")
        }
        self.path = path
        self.descriptor = descriptor
        count = UInt64(facts.st_size)
    }

    deinit { close(descriptor) }

    /// Bytes of the file; nil if the range is beyond its end. Memory is allocated only for a valid range.
    func bytes(at offset: UInt64, _ size: UInt64) throws -> [UInt8]? {
        guard offset <= count, size <= count - offset else { return nil }
        var result = [UInt8](repeating: 0, count: Int(size))
        var done = 0
        while done < result.count {
            let read = result.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(offset) + off_t(done))
            }
            if read < 0 {
                if errno == EINTR { continue }
                throw KitError.inputOutput("cannot read \(path)", errno)
            }
            if read == 0 { return nil }
            done += read
        }
        return result
    }
}

/// Little-endian numbers at places in a file's bytes; nil past the end.
extension [UInt8] {
    func number<Number: FixedWidthInteger>(at place: Int, as type: Number.Type = Number.self) -> Number? {
        guard place >= 0, place <= count - MemoryLayout<Number>.size else { return nil }
        return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self)) }
    }

    /// The text from a place up to the next zero; nil if there is none.
    func text(at place: Int) -> String? {
        guard indices.contains(place), let end = self[place...].firstIndex(of: 0) else { return nil }
        return String(decoding: self[place..<end], as: UTF8.self)
    }
}
