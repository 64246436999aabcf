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
    public var path: String { file.path }
    /// All tensors, in the order of their data.
    public let entries: [SafetensorsEntry]
    /// The metadata that the writer stored.
    public let metadata: [String: String]
    private let file: OpenedFile
    private let dataStart: Int
    private let indices: [String: Int]

    public init(_ path: String) throws {
        file = try OpenedFile(path)
        let header = try Self.header(file)
        (entries, metadata, dataStart) = (header.header.entries, header.header.metadata, header.end)
        indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
    }

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
        try entry.type.read(tensor, from: dataStart + entry.bytes.lowerBound, convert, file.read)
        return tensor
    }

    private static func header(_ file: OpenedFile) throws -> (header: SafetensorsHeader, end: Int) {
        func fault(_ message: String) -> KitError {
            KitError(.badData, "\(file.path): not a valid safetensors file: \(message)")
        }
        guard let size = try file.size() else { throw fault("it is not a regular file") }
        guard size >= 8 else { throw fault("it has \(size) bytes, and the header alone needs 8") }
        var stored: UInt64 = 0
        try withUnsafeMutableBytes(of: &stored) { try file.read($0, at: 0) }
        let length = UInt64(littleEndian: stored)
        guard length <= SafetensorsHeader.largestHeader else {
            throw fault("a header of \(length) bytes is larger than \(SafetensorsHeader.largestHeader)")
        }
        let end = 8 + Int(length)
        guard end <= size else { throw fault("the header ends at byte \(end), but the file has only \(size)") }
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(length), alignment: 1)
        defer { text.deallocate() }
        try file.read(text, at: 8)
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
}
