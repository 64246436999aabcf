import Foundation
import KitCore
import KitTensor

/// Arrays in numpy's format .npy, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public enum NumpyFile {
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
        var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
        data.append(UInt8(text.utf8.count & 0xff))
        data.append(UInt8(text.utf8.count >> 8))
        return data + Data(text.utf8)
    }

    /// Reads an array of float32 or float64 in C order. Throws an error that names the file and its fault.
    public static func read(_ path: String) throws -> Tensor {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw KitError(.noInput, "cannot read \(path): \(error.localizedDescription)")
        }
        return try read(data, path)
    }

    package static func read(_ data: Data, _ name: String) throws -> Tensor {
        func fault(_ what: String) -> KitError { KitError(.badData, "\(name): \(what)") }
        guard data.count >= 12, data.prefix(6) == Data([0x93]) + Data("NUMPY".utf8) else {
            throw fault("is not a .npy file")
        }
        let bytes = [UInt8](data.dropFirst(6).prefix(6))
        guard (1...3).contains(bytes[0]) else { throw fault("has the .npy version \(bytes[0]), which is not known") }
        let isLong = bytes[0] > 1
        let length = bytes[2...].prefix(isLong ? 4 : 2).reversed().reduce(0) { $0 << 8 | Int($1) }
        let start = isLong ? 12 : 10
        guard data.count - start >= length else { throw fault("is cut short in its header") }
        let header: NumpyHeader
        do {
            header = try NumpyHeader([UInt8](data.dropFirst(start).prefix(length)))
        } catch let error as NumpyHeader.Fault { throw fault(error.message) }
        guard let size = ["<f4": 4, "<f8": 8][header.type] else {
            throw fault("contains values of type '\(header.type)', but only '<f4' and '<f8' can be read")
        }
        guard !header.isFortran else { throw fault("is not in C order") }
        let values = data.dropFirst(start + length)
        let shape = Shape(header.extents)
        // Extents of 0 are left out, as in numpy: a size that only an empty axis keeps from overflowing is refused.
        let (count, most) = (shape.count, Shape.product(header.extents.filter { $0 > 0 }))
        guard most < Int.max / size, count <= values.count / size, values.count == count * size else {
            throw fault("has \(values.count) bytes of values, but its shape \(shape) needs another size")
        }
        let tensor = Tensor(uninitialized: shape)
        try MemoryShortage.check()
        values.withUnsafeBytes { bytes in
            for index in 0..<count {
                tensor.pointer[index] =
                    size == 4
                    ? bytes.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                    : Float(bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
            }
        }
        return tensor
    }
}
