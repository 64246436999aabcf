import Foundation
import Kit
import TestSupport
import Testing

@Suite struct FeatureFileTests {
    private static var values: Tensor { Pattern.tensor("npy", [5, 3]) }

    private static func message(_ path: String) -> String {
        #expect(throws: KitError.self) { try NumpyFile.read(path) }?.message ?? ""
    }

    @Test func readsWhatNumpyWrote() throws {
        let folder = Fixtures.folder().path
        for name in ["single", "double"] {
            let tensor = try NumpyFile.read("\(folder)/\(name).npy")
            #expect(tensor.shape == [5, 3] && tensor.values == Self.values.values, "\(name)")
        }
        #expect(try NumpyFile.read("\(folder)/integers.npy").values == (0..<6).map(Float.init))
        let fortran = try NumpyFile.read("\(folder)/fortran.npy")
        #expect(fortran.shape == [5, 3] && fortran.values == Self.values.values)
        #expect(Self.message("\(folder)/absent.npy").hasPrefix("cannot read"))
    }

    /// Byte by byte what numpy's description of the format asks for.
    @Test func writesTheDescribedFormat() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.npy").path
            for shape: Shape in [[5, 3], [15], [], [0, 4]] {
                let tensor = Pattern.tensor("npy", shape)
                try NumpyFile.write(tensor, to: path)
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                #expect(data.prefix(8) == Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0]))
                let length = Int(data[8]) | Int(data[9]) << 8
                #expect((10 + length) % 64 == 0 && data[9 + length] == 10)
                #expect(data.count == 10 + length + tensor.count * 4)
                let back = try NumpyFile.read(path)
                #expect(back.shape == shape && back.values == tensor.values)
            }
        }
    }

    @Test func damagedFilesAreRefused() throws {
        let good = try Data(contentsOf: Fixtures.folder().appendingPathComponent("single.npy"))
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("a.npy")
            for length in 0..<good.count {
                try good.prefix(length).write(to: file)
                #expect(!Self.message(file.path).isEmpty, "cut to \(length)")
            }
            var random = RandomStream(seed: 9)
            for _ in 0..<300 {
                var bad = good
                bad[random.index(below: 128)] = UInt8(truncatingIfNeeded: random.next())
                try bad.write(to: file)
                _ = try? NumpyFile.read(file.path)
            }
            let huge = String(decoding: good.prefix(128).dropFirst(10), as: UTF8.self)
                .replacingOccurrences(of: "(5, 3), }          ", with: "(99999999999, 9999999999), }")
            try (good.prefix(10) + Data(huge.utf8) + good.dropFirst(128)).write(to: file)
            #expect(Self.message(file.path).contains("needs another size"))
        }
    }

    /// A header is read whole or not at all: skipped text would change the shape.
    @Test func headersAreReadStrictly() throws {
        func message(_ fields: String, bytes: Int) -> String {
            let header = Data("{\(fields)}\n".utf8)
            let magic = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(header.count), 0])
            return #expect(throws: KitError.self, "\(fields)") {
                try NumpyFile.read(magic + header + Data(count: bytes), "a.npy")
            }?.message ?? ""
        }
        let start = "'descr': '<f4', 'fortran_order': False, 'shape': "
        for (shape, bytes, words) in [
            ("(99999999999999999999, 3)", 12, "expected an extent that fits 63 bits"),
            ("(2 3, )", 12, "expected ')', but there is \"3, )}"), ("(3)", 12, "expected a tuple"),
            ("(3, , )", 12, "expected an extent"), ("(-3,)", 0, "expected an extent"), ("[3]", 12, "expected '('"),
            ("(0, 4611686018427387904, 4)", 0, "needs another size"), ("(3,), 'shape': (3,)", 12, "has two 'shape'"),
            ("(3,), 'order': 1", 12, "has the unknown key 'order'"), ("(3,)} {", 12, "expected the end"),
        ] {
            #expect(
                message(start + shape, bytes: bytes).contains(words),
                "\(shape): \(message(start + shape, bytes: bytes))")
        }
        for (fields, words) in [
            ("'descr': '<f4', 'shape': (3,)", "names no order"),
            ("'fortran_order': False, 'shape': (3,)", "names no type"),
            ("'descr': '<f4', 'fortran_order': False", "names no shape"),
            ("'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)", "values of several fields"),
            ("'descr': '<f4', 'fortran_order': False_, 'shape': (3,)", "expected '}'"),
            ("'descr': '<f4', 'fortran_order': 0, 'shape': (3,)", "expected True or False"),
        ] {
            #expect(message(fields, bytes: 12).contains(words), "\(fields): \(message(fields, bytes: 12))")
        }
    }

    /// Whatever Python calls the same dictionary.
    @Test func headersAreReadInAnyForm() throws {
        let header = Data("{ \"shape\":(2 ,1),\t'fortran_order' : False,\n\"descr\": '<f4' , } \n".utf8)
        let magic = Data([0x93]) + Data("NUMPY".utf8) + Data([2, 0, UInt8(header.count), 0, 0, 0])
        let tensor = try NumpyFile.read(magic + header + Data([0, 0, 128, 63, 0, 0, 0, 64]), "a.npy")
        #expect(tensor.shape == [2, 1] && tensor.values == [1, 2])
    }

    /// The archive is read by the zip format's description alone: directory, offsets, sizes and checksums.
    @Test func archiveIsAZipOfNpyFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.npz").path
            let other = Pattern.tensor("other", [2, 2, 2])
            try NumpyArchive.write([("audio", Self.values), ("video", other)], to: path)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            func number(_ at: Int, _ count: Int) -> Int {
                (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
            }
            let end = bytes.count - 22
            #expect(number(end, 4) == 0x0605_4b50 && number(end + 10, 2) == 2)
            var at = number(end + 16, 4)
            #expect(at + number(end + 12, 4) == end)
            for (name, tensor) in [("audio.npy", Self.values), ("video.npy", other)] {
                #expect(number(at, 4) == 0x0201_4b50)
                let (size, length, local) = (number(at + 24, 4), number(at + 28, 2), number(at + 42, 4))
                #expect(String(decoding: bytes[at + 46..<at + 46 + length], as: UTF8.self) == name)
                #expect(number(local, 4) == 0x0403_4b50 && number(local + 22, 4) == size)
                let content = bytes[local + 30 + length..<local + 30 + length + size]
                let sum = ~content.reduce(UInt32.max) { crc, byte in
                    (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
                }
                #expect(number(at + 16, 4) == Int(sum) && number(local + 14, 4) == Int(sum))
                let file = folder.appendingPathComponent("one.npy")
                try Data(content).write(to: file)
                #expect(try NumpyFile.read(file.path).values == tensor.values)
                at += 46 + length
            }
        }
    }

    @Test func nearestRowsAreSortedBySimilarity() throws {
        let rows: [[Float]] = [[1, 0], [2, 0.2], [0, 3], [-1, 0], [0, 0], [4, 0.4]]
        let set = try FeatureSet(
            view: "audio", ids: ["a:0.000", "a:3.000", "b", "c", "d", "e"], films: ["a", "a", "b", "c", "d", "e"],
            values: Tensor(rows.flatMap { $0 }, [6, 2]), encoder: "one")
        // Of two equal rows, the earlier comes first; a row of zeros resembles none.
        #expect(try set.nearest(.first(1), 9).map(\.row) == [1, 5, 2, 4, 3])
        let best = try set.nearest(.second(.first("a:0.000")), 1)
        #expect(best.map(\.row) == [1] && abs(Double(best[0].similarity) - 2 / 4.04.squareRoot()) < 1e-6)
        #expect(try set.nearest(.second(.second(Tensor([0, 1], [2]))), 2).map(\.row) == [2, 1])
        for (row, k, words) in [
            (Either<Int, Either<String, Tensor>>.first(7), 5, "there is no row 7: rows are 1 to 6"),
            (.first(1), 0, "k must be"),
            (.second(.first("a:3.00")), 5, "did you mean 'a:3.000'?"),
            (.second(.second(.zeros([3]))), 5, "the rows have 2 features, but 3 were given"),
        ] {
            let error = #expect(throws: KitError.self) { try set.nearest(row, k) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func folderKeepsNamesFilmsAndEncoder() throws {
        try Fixtures.withTemporaryFolder { folder in
            let ids = (0..<5).map { "row \($0)" }
            let sets = try ["audio", "video"].map {
                try FeatureSet(
                    view: $0, ids: ids, films: ids.map { _ in "film" }, values: Pattern.tensor($0, [5, 4]),
                    encoder: "run 1")
            }
            try FeatureFolder.write(sets, to: folder.path, plan: "plan")
            let back = try FeatureFolder.read(folder.path, plan: "plan")
            #expect(back.map(\.view) == ["audio", "video"] && back[1].values.values == sets[1].values.values)
            #expect(back[0].ids == ids && back[0].films == sets[0].films && back[0].encoder == "run 1")
            #expect(throws: KitError.self) { try FeatureFolder.read(folder.path, plan: "other") }
            try NumpyFile.write(Tensor.zeros([4, 4]), to: "\(folder.path)/video.npy")
            let error = #expect(throws: KitError.self) { try FeatureFolder.read(folder.path) }
            #expect(error?.message.contains("has the shape [4, 4], but ids.json says [5, 4]") == true)
        }
        let absent = #expect(throws: KitError.self) { try FeatureFolder.read("/nowhere") }
        #expect(absent?.kind == .noInput)
    }

    @Test func brokenFeaturesAreNamed() throws {
        func message(_ ids: [String], _ values: Tensor) -> String {
            #expect(throws: KitError.self) {
                try FeatureSet(view: "audio", ids: ids, films: ids, values: values, encoder: "e")
            }?.message ?? ""
        }
        #expect(message(["a", "b"], Tensor([1, 2, 3, .nan], [2, 2])) == "features 'audio': row 'b' has nan at 2")
        #expect(message(["a", "a"], Tensor.zeros([2, 2])).contains("the name 'a' comes twice"))
        #expect(message(["a"], Tensor.zeros([2, 2])).contains("values of shape [2, 2] for 1 name"))
        let set = try FeatureSet(
            view: "audio", ids: ["a", "b"], films: ["f", "f"], values: Tensor([1, 2], [2, 1]), encoder: "e")
        #expect(try set.rows(["b", "a", "b"]).values == [2, 1, 2])
        let missing = #expect(throws: KitError.self) { try set.rows(["a", "c"]) }
        #expect(missing?.message.contains("1 of 2 items has no row, such as 'c'") == true)
    }
}
