import Glibc
import KitCore
import KitTensor

/// One tensor in a safetensors file.
public struct SafetensorsEntry: Sendable {
    public let name: String
    public let type: ElementType
    public let shape: Shape
    /// The range of its data, counted from the end of the header.
    let bytes: Range<Int>
}

/// A safetensors file, open for reading: https://github.com/huggingface/safetensors#format.
///
/// Opening reads and checks only the header. Tensors are read one by one on demand. Memory use is at most the size of
/// the file. Errors name the file and its fault.
public final class SafetensorsFile {
    public let path: String
    /// All tensors, in the order of their data.
    public let entries: [SafetensorsEntry]
    /// The metadata that the writer stored.
    public let metadata: [String: String]
    private let descriptor: Int32
    private let dataStart: Int
    private let indices: [String: Int]

    public init(_ path: String) throws {
        self.path = path
        // A named pipe would wait for its writer; it is refused for its kind.
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            let missing = errno == ENOENT || errno == ENOTDIR
            throw KitError(
                missing ? .noInput : .inputOutput, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        do {
            let header = try Self.header(opened, path)
            (entries, metadata, dataStart) = (header.header.entries, header.header.metadata, header.end)
        } catch {
            close(opened)
            throw error
        }
        descriptor = opened
        indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
    }

    deinit { close(descriptor) }

    public var names: [String] { entries.map(\.name) }

    public func entry(_ name: String) throws -> SafetensorsEntry {
        guard let index = indices[name] else {
            throw KitError(.badData, "\(path): has no tensor '\(name)'\(NearestName.hint(name, in: names))")
        }
        return entries[index]
    }

    /// Reads one tensor, converted to float32.
    public func tensor(_ name: String) throws -> Tensor {
        let entry = try entry(name)
        guard let convert = entry.type.converter else {
            throw KitError(
                .badData,
                "\(path): tensor '\(name)' has dtype \(entry.type.rawValue), "
                    + "but only \(ElementType.readable.map(\.rawValue).joined(separator: ", ")) can be read")
        }
        let tensor = Tensor(uninitialized: entry.shape)
        try MemoryShortage.check()
        // Converts in pieces, so that memory use does not double.
        let size = entry.type.bits / 8
        let piece = min(tensor.count, (1 << 20) / size)
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * size, alignment: 16)
        defer { stored.deallocate() }
        var done = 0
        while done < tensor.count {
            let count = min(piece, tensor.count - done)
            let part = UnsafeMutableRawBufferPointer(rebasing: stored[..<(count * size)])
            try Self.read(descriptor, part, at: dataStart + entry.bytes.lowerBound + done * size, path)
            convert(part.baseAddress!, count, tensor.pointer + done)
            done += count
        }
        return tensor
    }

    private static func header(_ descriptor: Int32, _ path: String) throws -> (header: SafetensorsHeader, end: Int) {
        func fault(_ message: String) -> KitError {
            KitError(.badData, "\(path): not a valid safetensors file: \(message)")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw KitError.inputOutput("cannot read \(path)", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fault("it is not a regular file") }
        let size = Int(status.st_size)
        guard size >= 8 else { throw fault("it has \(size) bytes, and the header alone needs 8") }
        var stored: UInt64 = 0
        try withUnsafeMutableBytes(of: &stored) { try read(descriptor, $0, at: 0, path) }
        let length = UInt64(littleEndian: stored)
        guard length <= SafetensorsHeader.largestHeader else {
            throw fault("a header of \(length) bytes is larger than \(SafetensorsHeader.largestHeader)")
        }
        let end = 8 + Int(length)
        guard end <= size else { throw fault("the header ends at byte \(end), but the file has only \(size)") }
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(length), alignment: 1)
        defer { text.deallocate() }
        try read(descriptor, text, at: 8, path)
        do {
            let header = try SafetensorsHeader(
                UnsafeBufferPointer(text.bindMemory(to: UInt8.self)), dataBytes: size - end)
            return (header, end)
        } catch let error as KitError {
            throw fault(error.message)
        } catch let error as JSONScanner.Fault {
            throw fault("the header is not valid JSON: \(error.message) at byte \(error.offset)")
        }
    }

    private static func read(
        _ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int, _ path: String
    ) throws {
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
