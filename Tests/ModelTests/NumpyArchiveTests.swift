import Foundation
import Kit
import TestSupport
import Testing

@Suite struct NumpyArchiveTests {
    private static func path(_ name: String) -> String { Fixtures.folder().appendingPathComponent(name).path }

    /// The values that Tests/Oracle/arrays.py writes.
    @Test func everyTypeOfNumberIsRead() throws {
        let file = try #require(try openTensorFile(Self.path("arrays.npz")) as? NumpyArchive)
        #expect(file.names.count == 15 && file.names.first == "float32")
        for name in file.names.prefix(12) {
            let isNegative = name.hasPrefix("float") || name.hasPrefix("int")
            let expected: [Float] =
                name == "bool" ? [1, 0, 1, 0, 0, 1] : [0, 1, 2, 3, 100, 127].map { isNegative ? -$0 : $0 }
            let tensor = try file.tensor(name)
            #expect(tensor.shape == [2, 3] && tensor.values == expected, "\(name)")
        }
        let fortran = try file.tensor("fortran")
        #expect(fortran.shape == [2, 3, 4] && fortran.values == (0..<24).map(Float.init))
        #expect(try file.tensor("scalar").item() == 2.5 && file.shape("scalar") == [])
        #expect(try file.tensor("empty").shape == [0, 3])
        let unknown = #expect(throws: KitError.self) { try file.tensor("flaot32") }
        #expect(unknown?.message.hasSuffix("has no array 'flaot32': did you mean 'float32'?") == true)
    }

    @Test func compressedArchivesAreRefused() {
        let error = #expect(throws: KitError.self) { try openTensorFile(Self.path("compressed.npz")) }
        #expect(error?.message.contains("'a.npy' is compressed: write it with torch.save or numpy.savez") == true)
    }

    @Test func damagedArchivesAreRefused() throws {
        let good = try Data(contentsOf: URL(fileURLWithPath: Self.path("arrays.npz")))
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("a.npz")
            for length in stride(from: 0, to: good.count, by: 61) {
                try good.prefix(length).write(to: file)
                #expect(throws: KitError.self, "cut to \(length)") { try openTensorFile(file.path) }
            }
            var random = RandomStream(seed: 3)
            for _ in 0..<300 {
                var bad = good
                bad[random.index(below: bad.count)] = UInt8(truncatingIfNeeded: random.next())
                try bad.write(to: file)
                if let read = try? openTensorFile(file.path) { for name in read.names { _ = try? read.tensor(name) } }
            }
        }
    }

    /// A value that changed on the disk: numpy and unzip refuse such an array, too.
    @Test func aWrongChecksumIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.npz").path
            let tensor = Pattern.tensor("checksum", [64, 3])
            try NumpyArchive.write([("a", tensor), ("b", tensor)], to: path)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let values = Data(bytes: tensor.pointer, count: tensor.count * 4)
            let place = try #require(bytes.range(of: values, options: .backwards))
            bytes[place.lowerBound + 100] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: KitError.self) { try openTensorFile(path) }
            #expect(error?.message == "\(path): 'b.npy' is damaged: its checksum is wrong")
        }
    }

    @Test func theKindOfAFileFollowsFromItsContent() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("weights").path
            let tensor = Pattern.tensor("kind", [3, 2])
            try NumpyFile.write(tensor, to: path)
            #expect(try openTensorFile(path).tensor("weights").values == tensor.values)
            try NumpyArchive.write([("a", tensor)], to: path)
            #expect(try openTensorFile(path).tensor("a").values == tensor.values)
            try SafetensorsWriter.write([.init("b", tensor)], to: path)
            #expect(try openTensorFile(path).tensor("b").values == tensor.values)
        }
    }
}
