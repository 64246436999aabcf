import Foundation
import KitCore
import KitTensor

/// An array in numpy's format .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public final class NumpyFile: TensorFile {
    public let path: String
    private let file: OpenedFile
    private let array: NumpyArray

    /// Opens an array and reads its header. Throws an error that names the file and its fault.
    public init(_ path: String) throws {
        self.path = path
        file = try OpenedFile(path)
        guard let size = try file.size() else { throw KitError(.badData, "\(path): is not a regular file") }
        array = try NumpyArray(size, path, file.read)
    }

    /// The file's name without its extension, since the array has none.
    public var names: [String] {
        let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
        return [String(name.hasSuffix(".npy") ? name.dropLast(4) : name)]
    }
    public func type(_ name: String) -> ElementType { array.type }
    public func shape(_ name: String) -> Shape { array.shape }
    public func tensor(_ name: String) throws -> Tensor { try array.tensor(file.read) }

    /// Reads an array of booleans, whole numbers or floating-point numbers, converted to float32.
    public static func read(_ path: String) throws -> Tensor {
        let file = try NumpyFile(path)
        return try file.tensor(path)
    }

    package static func read(_ data: Data, _ name: String) throws -> Tensor {
        let source: ElementType.Source = { bytes, place in
            data.dropFirst(place).prefix(bytes.count).withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
        return try NumpyArray(data.count, name, source).tensor(source)
    }

    /// Writes an array of float32. The file appears whole or not at all.
    public static func write(_ tensor: Tensor, to path: String) throws {
        let header = header(of: tensor.shape)
        let file = try AtomicFile(path, expectedBytes: header.count + tensor.count * 4)
        try header.withUnsafeBytes { try file.write($0) }
        try file.write(UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4))
        try file.commit()
    }

    /// The header before the values: magic, version, length, a Python dictionary, spaces up to a multiple of 64 bytes.
    package static func header(of shape: Shape) -> Data {
        let extents = shape.extents.map { "\($0)," }.joined(separator: " ")
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        var data = Data(NumpyArray.magic) + Data([1, 0])
        data.append(UInt8(text.utf8.count & 0xff))
        data.append(UInt8(text.utf8.count >> 8))
        return data + Data(text.utf8)
    }
}
