import Foundation
import Kit
import TestSupport
import Testing

/// Files that `Tests/Oracle/torch_files.py` wrote with PyTorch.
@Suite struct TorchFileTests {
    private func path(_ name: String) -> String {
        Fixtures.folder().appendingPathComponent("torch/\(name)").path
    }

    @Test func tensorsOfAllKindsHaveTheValuesThatPyTorchReads() throws {
        let (file, expected) = (try TorchFile(path("good.pt")), try SafetensorsFile(path("good.safetensors")))
        #expect(file.names.sorted() == expected.names.sorted())
        for name in expected.names {
            let (given, wanted) = (try file.tensor(name), try expected.tensor(name))
            #expect(given.shape == wanted.shape && given.values == wanted.values, "\(name)")
        }
        #expect(try file.type("model.bfloat16") == .bf16)
        let missing = #expect(throws: KitError.self) { try file.tensor("model.plane") }
        #expect(missing?.message == "\(path("good.pt")): has no tensor 'model.plane': did you mean 'model.plain'?")
    }

    @Test func theFormatIsToldByTheFirstBytes() throws {
        #expect(try openTensorFile(path("good.pt")) is TorchFile)
        #expect(try openTensorFile(path("good.safetensors")) is SafetensorsFile)
        let error = #expect(throws: KitError.self) { try openTensorFile(path("legacy.pt")) }
        #expect(error?.message.contains("a bare pickle, as PyTorch wrote before version 1.6") == true)
        #expect(throws: KitError.self) { try openTensorFile("/nonexistent/weights.pt") }
    }

    @Test(arguments: [
        ("calls", "it asks for 'posix.system', which could run code: only tensors, dicts, lists and numbers are read"),
        ("numpy_array", "it asks for 'numpy."), ("complex", "it asks for 'torch.ComplexFloatStorage'"),
        ("frozenset", "which weights do not need"), ("truncated", "it has no directory"),
        ("no_directory", "it has no directory"), ("compressed", "'archive/data.pkl' is compressed"),
        ("unended", "the pickle is truncated"), ("deep", "nested more than 32 deep"),
        ("circular", "nested more than 32 deep"), ("wide", "nested more than 32 deep"),
        ("huge", "is too large"), ("expanded", "does not fit its storage of 24 values"),
        ("outside", "does not fit its storage of 24 values"), ("negative", "unknown form of tensor"),
        ("short_storage", "storage '0' of 24 values has 4 bytes"),
        ("no_storage", "storage '0' of 24 values has no entry"),
    ])
    func hostileFilesAreRefusedWithTheReason(name: String, reason: String) throws {
        let error = #expect(throws: KitError.self) { try TorchFile(path("\(name).pt")) }
        #expect(error?.kind == .badData)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
        #expect(error?.message.hasPrefix(path("\(name).pt")) == true)
    }

    /// Shared containers that stand for 2^31 values, not nested deeply.
    @Test func aFewBytesCannotStandForMillionsOfValues() throws {
        let depth = 31
        var pickle = Data([0x80, 2]) + Data("]q\0".utf8)
        for level in 1...depth {
            pickle += Data("0]q".utf8) + Data([UInt8(level)])
            for _ in 0..<2 { pickle += Data("h".utf8) + Data([UInt8(level - 1)]) + Data("a".utf8) }
        }
        #expect(try reason(pickle + Data(".".utf8)).contains("more than 1048576 values"))
        #expect(
            try reason(Data([0x80, 2]) + Data(repeating: UInt8(ascii: "N"), count: 1 << 23) + Data(".".utf8))
                .contains("more than 4194304 operations"))
    }

    /// Why a file with this pickle is refused.
    private func reason(_ pickle: Data) throws -> String {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("bomb.pt")
            try TorchFiles.archive([("archive/data.pkl", pickle)]).write(to: file)
            return #expect(throws: KitError.self) { try TorchFile(file.path) }?.message ?? ""
        }
    }

    @Test func aWrongChecksumIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.pt").path
            let tensor = Pattern.tensor("checksum", [64, 3])
            try TorchFiles.save([("weight", tensor)], to: path)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let place = try #require(bytes.range(of: Data(bytes: tensor.pointer, count: tensor.count * 4)))
            bytes[place.lowerBound + 100] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let file = try openTensorFile(path)
            let error = #expect(throws: KitError.self) { try file.tensor("model.weight") }
            #expect(error?.message == "\(path): 'archive/data/0' is damaged: its checksum is wrong")
        }
    }

    @Test func filesOfTheTestsAreAsPyTorchWritesThem() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("weights.pt").path
            let tensors = [("a.weight", Pattern.tensor("a", [3, 5])), ("b", Pattern.tensor("b", []))]
            try TorchFiles.save(tensors, to: file)
            let read = try TorchFile(file)
            #expect(read.names == ["model.a.weight", "model.b"])
            for (name, tensor) in tensors { #expect(try read.tensor("model.\(name)").values == tensor.values) }
        }
    }
}
