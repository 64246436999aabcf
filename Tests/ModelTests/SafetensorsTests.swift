import Foundation
import Kit
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            let name: String
            let file: Data
            let accepted: Bool
            let stricter: Bool
        }
        struct Typed: Decodable {
            let file: Data
            let values: [String: [Float]]
            let shapes: [String: [Int]]
        }
        let cases: [Case]
        let typed: Typed

        static func load() throws -> Reference {
            try JSONDecoder().decode(
                Reference.self, from: Data(contentsOf: Fixtures.folder().appendingPathComponent("safetensors.json")))
        }
    }

    private func opening(_ bytes: Data, _ body: (SafetensorsFile) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("weights.safetensors").path
            try bytes.write(to: URL(fileURLWithPath: path))
            try body(SafetensorsFile(path))
        }
    }

    @Test func verdictsAreThoseOfTheReferenceImplementation() throws {
        let cases = try Reference.load().cases
        #expect(cases.count > 80)
        for item in cases {
            var verdict: KitError?
            do { try opening(item.file) { _ in } } catch let error as KitError { verdict = error }
            #expect(
                (verdict == nil) == (item.accepted && !item.stricter), "\(item.name): \(verdict?.message ?? "accepted")"
            )
            if let verdict {
                #expect(verdict.kind == .badData, "\(item.name)")
                #expect(verdict.message.contains("weights.safetensors: "), "\(item.name): \(verdict.message)")
            }
        }
    }

    @Test func faultsAreNamed() throws {
        let cases = try Reference.load().cases
        let words = [
            "truncated data": "truncated", "overlap": "tensor 'b' overlaps", "hole": "tensor 'b' leaves a hole",
            "header over 100 MB": "100000001 bytes is larger", "duplicate name": "'a' appears twice",
            "size overflows": "size of tensor 'a' overflows", "unknown dtype": "unknown dtype 'F31'",
            "NUL in a name": "NUL", "bytes at the end": "belong to no tensor", "trailing comma": "not valid JSON",
        ]
        for (name, word) in words {
            let item = try #require(cases.first { $0.name == name })
            let error = #expect(throws: KitError.self) { try opening(item.file) { _ in } }
            #expect(error?.message.contains(word) == true, "\(name): \(error?.message ?? "")")
        }
    }

    @Test func everyReadableTypeIsConverted() throws {
        let typed = try Reference.load().typed
        try opening(typed.file) { file in
            #expect(Set(file.names) == Set(typed.values.keys))
            #expect(file.metadata == ["by": "torch"])
            for (name, values) in typed.values {
                let tensor = try file.tensor(name)
                #expect(tensor.shape.extents == typed.shapes[name])
                #expect(tensor.values.map(\.bitPattern) == values.map(\.bitPattern), "\(name): \(tensor.values)")
            }
        }
    }

    @Test func unreadableTypeAndUnknownNameAreErrors() throws {
        let cases = try Reference.load().cases
        try opening(#require(cases.first { $0.name == "F8" }).file) { file in
            let error = #expect(throws: KitError.self) { try file.tensor("a") }
            #expect(error?.message.contains("F8_E4M3") == true)
            #expect(throws: KitError.self) { try file.tensor("b") }
        }
    }

    @Test func writtenFilesReadBackBitForBit() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("w.safetensors").path
            var random = RandomStream(seed: 1)
            let odd = "quote \" slash \\ tab \t 日本 \u{1}"
            let items = [
                SafetensorsWriter.Item("a.weight", .uniform([3, 5, 7], -1, 1, &random)),
                SafetensorsWriter.Item("count", Tensor(12_345_678), as: .i64),
                SafetensorsWriter.Item(odd, Tensor([.infinity, -.zero, .leastNonzeroMagnitude, .nan], [4])),
                SafetensorsWriter.Item("empty", Tensor([], [0, 3])),
            ]
            try SafetensorsWriter.write(items, metadata: ["format": "pt", odd: odd], to: path)
            let file = try SafetensorsFile(path)
            #expect(file.metadata == ["format": "pt", odd: odd])
            #expect(Set(file.names) == ["a.weight", "count", odd, "empty"])
            #expect(try file.tensor("count").values == [12_345_678])
            #expect(try file.entry("count").type == .i64)
            for (name, tensor) in [("a.weight", 0), (odd, 2), ("empty", 3)].map({ ($0.0, [0: 105, 2: 4, 3: 0][$0.1]!) })
            {
                #expect(try file.tensor(name).count == tensor)
            }
            #expect(
                try file.tensor(odd).values.map(\.bitPattern)
                    == [.infinity, -.zero, .leastNonzeroMagnitude, .nan].map(\Float.bitPattern))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["w.safetensors"])
        }
    }

    @Test func tensorsHaveNoMoreAxesThanInNumpy() throws {
        func file(_ axes: Int) -> Data {
            let shape = Array(repeating: "1", count: axes).joined(separator: ",")
            let header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[\(shape)],\"data_offsets\":[0,1]}}"
            return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + [7]
        }
        try opening(file(64)) {
            let values = try $0.tensor("a").values
            #expect(values == [7])
        }
        let error = #expect(throws: KitError.self) { try opening(file(65)) { _ in } }
        #expect(error?.message.contains("tensor 'a' has more than 64 axes") == true, "\(error?.message ?? "")")
        let refused = #expect(throws: KitError.self) {
            let item = SafetensorsWriter.Item("a", .zeros(Shape(Array(repeating: 1, count: 65))))
            try SafetensorsWriter.write([item], as: "a file") { _ in }
        }
        #expect(refused?.message.contains("'a' has 65 axes") == true, "\(refused?.message ?? "")")
    }

    @Test func aFailedWriteLeavesTheOldFile() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("w.safetensors").path
            try SafetensorsWriter.write([.init("a", Tensor([1, 2], [2]))], to: path)
            // A counter that is not a number is found while writing, after the file was begun.
            let items = [SafetensorsWriter.Item("a", Tensor([3, 4], [2])), .init("n", Tensor(.nan), as: .i64)]
            #expect(throws: KitError.self) { try SafetensorsWriter.write(items, to: path) }
            #expect(try SafetensorsFile(path).tensor("a").values == [1, 2])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["w.safetensors"])
        }
    }

    @Test func pathsThatCannotBeUsedAreErrors() throws {
        try Fixtures.withTemporaryFolder { folder in
            let missing = #expect(throws: KitError.self) { try SafetensorsFile(folder.path + "/none.safetensors") }
            #expect(missing?.kind == .noInput)
            let directory = #expect(throws: KitError.self) { try SafetensorsFile(folder.path) }
            #expect(directory?.kind == .badData)
            let item = SafetensorsWriter.Item("a", Tensor([1], [1]))
            let nowhere = #expect(throws: KitError.self) {
                try SafetensorsWriter.write([item], to: folder.path + "/no/folder.safetensors")
            }
            #expect(nowhere?.kind == .inputOutput)
            #expect(nowhere?.message.contains("bytes") == true)
            #expect(throws: KitError.self) { try SafetensorsWriter.write([item, item], to: folder.path + "/twice") }
        }
    }
}
