import KitCore
import KitTensor

/// Where an array of numpy's format .npy lies in a file, and how: all but its values.
struct NumpyArray {
    let shape: Shape
    let type: ElementType
    /// Whether the first axis is the fastest.
    private let isFortran: Bool
    /// The place of the first value.
    private let start: Int

    /// numpy's names of the types, with the least significant byte first.
    private static let types: [String: ElementType] = [
        "<f4": .f32, "<f8": .f64, "<f2": .f16, "|b1": .bool, "|u1": .u8, "|i1": .i8, "<u2": .u16, "<i2": .i16,
        "<u4": .u32, "<i4": .i32, "<u8": .u64, "<i8": .i64,
    ]
    package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads and checks the header of an array.
    ///
    /// - Parameters:
    ///   - bytes: how many bytes there are.
    ///   - name: the file's name, with which errors begin.
    ///   - source: reads them.
    init(_ bytes: Int, _ name: String, _ source: ElementType.Source) throws {
        func fault(_ what: String) -> KitError { KitError(.badData, "\(name): \(what)") }
        func read(_ count: Int, at place: Int) throws -> [UInt8] {
            var result = [UInt8](repeating: 0, count: count)
            try result.withUnsafeMutableBytes { try source($0, place) }
            return result
        }
        guard bytes >= 12 else { throw fault("is not a .npy file") }
        let first = try read(12, at: 0)
        guard first.starts(with: Self.magic) else { throw fault("is not a .npy file") }
        guard (1...3).contains(first[6]) else { throw fault("has the .npy version \(first[6]), which is not known") }
        let isLong = first[6] > 1
        let length = first[8...].prefix(isLong ? 4 : 2).reversed().reduce(0) { $0 << 8 | Int($1) }
        let place = isLong ? 12 : 10
        guard bytes - place >= length else { throw fault("is cut short in its header") }
        let header: NumpyHeader
        do {
            header = try NumpyHeader(try read(length, at: place))
        } catch let error as NumpyHeader.Fault { throw fault(error.message) }
        guard let type = Self.types[header.type] else {
            throw fault(
                "contains values of type '\(header.type)', but only "
                    + "\(Self.types.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")) can be read")
        }
        (shape, self.type, isFortran) = (Shape(header.extents), type, header.isFortran)
        start = place + length
        // Extents of 0 are left out, as in numpy: a size that only an empty axis keeps from overflowing is refused.
        let (size, values) = (type.bits / 8, bytes - start)
        let (count, most) = (shape.count, Shape.product(header.extents.filter { $0 > 0 }))
        guard most < Int.max / size, count <= values / size, values == count * size else {
            throw fault("has \(values) bytes of values, but its shape \(shape) needs another size")
        }
    }

    /// Reads the values, converted to float32.
    func tensor(_ source: ElementType.Source) throws -> Tensor {
        guard let convert = type.converter else { preconditionFailure("\(type) cannot be read") }
        let tensor = Tensor(uninitialized: isFortran ? Shape(shape.extents.reversed()) : shape)
        try MemoryShortage.check()
        try type.read(tensor, from: start, convert, source)
        guard isFortran, shape.rank > 1 else { return tensor }
        return try Autograd.noGrad { try tensor.permuted(Array((0..<shape.rank).reversed())) }
    }
}
