import KitCore
import KitTensor

/// Writes safetensors files: https://github.com/huggingface/safetensors#format.
public enum SafetensorsWriter {
    /// One tensor to write.
    public struct Item {
        let name: String
        let tensor: Tensor
        let type: ElementType

        /// - Parameters:
        ///   - name: its key in the file.
        ///   - tensor: the values.
        ///   - type: `.f32`, or `.i64` for counters.
        public init(_ name: String, _ tensor: Tensor, as type: ElementType = .f32) {
            precondition(type == .f32 || type == .i64, "weights are written as F32, counters as I64")
            self.name = name
            self.tensor = tensor
            self.type = type
        }
    }

    /// Writes all tensors to one file, which appears under its name only when it is complete and on disk.
    ///
    /// The bytes depend only on the items and the metadata. Throws if a name is used twice or could not be read again.
    public static func write(_ items: [Item], metadata: [String: String] = [:], to path: String) throws {
        let layout = try Layout(items, metadata, path)
        let file = try AtomicFile(path, expectedBytes: layout.bytes)
        try layout.write(file.write)
        try file.commit()
    }

    /// Passes the same bytes piece by piece to a sink, for callers that write files themselves.
    ///
    /// - Parameters:
    ///   - items: the tensors, in the order of the file.
    ///   - metadata: strings for the file's header.
    ///   - name: the name of the file in messages.
    ///   - sink: takes the pieces in order.
    public static func write(
        _ items: [Item], metadata: [String: String] = [:], as name: String,
        into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws { try Layout(items, metadata, name).write(sink) }

    /// The content of the file.
    private struct Layout {
        let items: [Item]
        let header: [UInt8]
        let bytes: Int
        let name: String

        init(_ items: [Item], _ metadata: [String: String], _ name: String) throws {
            self.name = name
            var names: Set<String> = ["__metadata__"]
            for item in items where !names.insert(item.name).inserted || item.name.utf8.contains(0) {
                throw KitError.usage("cannot write \(name): a tensor cannot be named '\(item.name)', or two are")
            }
            if let item = items.first(where: { $0.tensor.shape.rank > SafetensorsHeader.mostAxes }) {
                throw KitError.usage(
                    "cannot write \(name): '\(item.name)' has \(item.tensor.shape.rank) axes, and a file at most "
                        + "\(SafetensorsHeader.mostAxes)")
            }
            // Wider elements first, so that every tensor is aligned to its elements.
            self.items = items.filter { $0.type == .i64 } + items.filter { $0.type == .f32 }
            let sizes = self.items.map { $0.tensor.count * $0.type.bits / 8 }
            header = Array(SafetensorsWriter.header(self.items, sizes, metadata).utf8)
            guard header.count <= SafetensorsHeader.largestHeader else {
                throw KitError.usage("cannot write \(name): its header would have \(counted(header.count, "byte"))")
            }
            bytes = 8 + header.count + sizes.reduce(0, +)
        }

        func write(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
            try withUnsafeBytes(of: UInt64(header.count).littleEndian, sink)
            try header.withUnsafeBytes(sink)
            for item in items {
                switch item.type {
                case .i64:
                    let counters = try item.tensor.values.map { value in
                        guard let counter = Int64(exactly: value) else {
                            throw KitError.usage("cannot write \(name): '\(item.name)' counts, but is \(value)")
                        }
                        return counter
                    }
                    try counters.withUnsafeBytes(sink)
                default:
                    let tensor = item.tensor
                    try sink(UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4))
                }
            }
        }
    }

    private static func header(_ items: [Item], _ sizes: [Int], _ metadata: [String: String]) -> String {
        var parts: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sortedByBytes(of: \.key).map { "\(quoted($0.key)):\(quoted($0.value))" }
            parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (item, size) in zip(items, sizes) {
            let extents = item.tensor.shape.extents.map(String.init).joined(separator: ",")
            parts.append(
                "\(quoted(item.name)):{\"dtype\":\"\(item.type.rawValue)\",\"shape\":[\(extents)],"
                    + "\"data_offsets\":[\(offset),\(offset + size)]}")
            offset += size
        }
        let text = "{\(parts.joined(separator: ","))}"
        return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\0"..<" ": result += "\\u" + String(scalar.value, radix: 16).padded(to: 4, .right, with: "0")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
