import KitCore
import KitModel
import KitTensor

extension ReaderCheck {
    /// Weights. All tensors are read, written by the kit and read again.
    static let safetensors = ReaderCheck(name: "safetensors") { bytes in
        try checkSafetensors(bytes)
        // Once more with a length that fits: else hardly any change of the header would be seen.
        guard bytes.count > 8, let end = bytes.lastIndex(of: UInt8(ascii: "}")), end >= 8 else { return }
        let length = UInt64(end - 7).littleEndian
        try checkSafetensors(withUnsafeBytes(of: length) { Array($0) } + bytes[8...])
    }

    private static func checkSafetensors(_ bytes: [UInt8]) throws {
        let source = try MemoryFile(bytes)
        guard let file = try unlessRefused({ try SafetensorsFile(source.path) }) else { return }
        try expect(Set(file.names).count == file.entries.count, "a name comes twice")
        var items: [SafetensorsWriter.Item] = []
        var tensors: [String: Tensor] = [:]
        for entry in file.entries {
            let tensor = try unlessRefused { try file.tensor(entry.name) }
            try expect((tensor != nil) == ElementType.readable.contains(entry.type), "\(entry.type) read or not")
            guard let tensor else { continue }
            try expect(tensor.shape == entry.shape, "\(entry.name): \(tensor.shape) instead of \(entry.shape)")
            tensors[entry.name] = tensor
            items.append(.init(entry.name, tensor))
        }
        var written: [UInt8] = []
        try SafetensorsWriter.write(items, metadata: file.metadata, as: "the copy") { written += $0 }
        let target = try MemoryFile(written)
        let copy = try SafetensorsFile(target.path)
        try expect(copy.metadata == file.metadata, "other metadata")
        try expect(copy.names.sorted() == tensors.keys.sorted(), "other names")
        for (name, tensor) in tensors { try expect(isSame(try copy.tensor(name), tensor), "\(name): other values") }
    }

    /// Whether two tensors have the same shape and bits.
    static func isSame(_ one: Tensor, _ other: Tensor) -> Bool {
        one.shape == other.shape && zip(one.values, other.values).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}
