import KitTensor

/// A message of Protocol Buffers as it is built, field by field (https://protobuf.dev/programming-guides/encoding). The
/// values of tensors are not copied: they are read when the message is written.
struct ProtobufMessage {
    private enum Piece {
        case bytes([UInt8])
        /// Values of a tensor, with its axes in another order if that is not nil.
        case floats(Tensor, order: [Int]?)
    }

    private var pieces: [Piece] = []
    private(set) var count = 0

    private mutating func append(_ bytes: [UInt8]) {
        count += bytes.count
        if case .bytes(let last)? = pieces.last, last.count < 4096 {
            pieces[pieces.count - 1] = .bytes(last + bytes)
        } else {
            pieces.append(.bytes(bytes))
        }
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private mutating func key(_ field: Int, wire: UInt64) { append(Self.varint(UInt64(field) << 3 | wire)) }

    mutating func add(_ field: Int, _ value: Int) {
        key(field, wire: 0)
        append(Self.varint(UInt64(bitPattern: Int64(value))))
    }

    mutating func add(_ field: Int, _ value: Float) {
        key(field, wire: 5)
        append(withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
    }

    mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

    mutating func add(_ field: Int, _ bytes: [UInt8]) {
        key(field, wire: 2)
        append(Self.varint(UInt64(bytes.count)))
        append(bytes)
    }

    mutating func add(_ field: Int, _ message: ProtobufMessage) {
        key(field, wire: 2)
        append(Self.varint(UInt64(message.count)))
        pieces += message.pieces
        count += message.count
    }

    mutating func add(_ field: Int, _ tensor: Tensor, order: [Int]?) {
        key(field, wire: 2)
        append(Self.varint(UInt64(4 * tensor.count)))
        pieces.append(.floats(tensor, order: order))
        count += 4 * tensor.count
    }

    /// Passes the bytes to a sink, piece by piece.
    func write(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): try bytes.withUnsafeBytes(sink)
            case .floats(let tensor, let order):
                let values = try order.map { order in try Autograd.noGrad { try tensor.permuted(order) } } ?? tensor
                try sink(UnsafeRawBufferPointer(start: values.pointer, count: 4 * values.count))
                withExtendedLifetime(values) {}
            }
        }
    }
}
