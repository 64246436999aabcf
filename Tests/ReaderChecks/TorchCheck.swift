import KitCore
import KitModel
import KitTensor

extension ReaderCheck {
    /// Files of `torch.save`. All tensors are read, written as safetensors and read again.
    static let torch = ReaderCheck(name: "torch") { bytes in
        let source = try MemoryFile(bytes)
        guard let file = try unlessRefused({ try TorchFile(source.path) }) else { return }
        try expect(Set(file.names).count == file.names.count, "a name comes twice")
        var items: [SafetensorsWriter.Item] = []
        for name in file.names {
            guard !name.utf8.contains(0), name != "__metadata__" else { return }
            let tensor = try file.tensor(name)
            let shape = try file.shape(name)
            try expect(tensor.shape == shape, "\(name): \(tensor.shape) instead of \(shape)")
            items.append(.init(name, tensor))
        }
        var written: [UInt8] = []
        try SafetensorsWriter.write(items, as: "the copy") { written += $0 }
        let target = try MemoryFile(written)
        let copy = try SafetensorsFile(target.path)
        try expect(copy.names.sorted() == file.names.sorted(), "other names")
        for name in file.names {
            let same = isSame(try copy.tensor(name), try file.tensor(name))
            try expect(same, "\(name): other values")
        }
    }
}
