import Foundation
import Kit
import TestSupport
import Testing

/// Writing features into a folder that has others.
@Suite struct FeatureFolderTests {
    /// Features of some views, whose values follow from the number of rows.
    private static func sets(_ views: [String], rows: Int) throws -> [FeatureSet] {
        let ids = (0..<rows).map { "row \($0)" }
        return try views.map {
            try FeatureSet(view: $0, ids: ids, films: ids, values: Pattern.tensor($0, [rows, 4]), encoder: "\(rows)")
        }
    }

    /// "audio.en 3, audio.es 3": what can be read from a folder; the reason if nothing can.
    private static func content(_ folder: URL) -> String {
        do {
            return try FeatureFolder.read(folder.path).map { "\($0.view) \($0.values.shape[0])" }.joined(
                separator: ", ")
        } catch {
            return "\(error)"
        }
    }

    private static func names(_ folder: URL) throws -> [String] { try DiskFileSystem().names(in: folder.path) }

    @Test func viewsThatAreNoMoreDoNotStay() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (views, rows) in [
                (["encoder.en", "encoder.es"], 1), (["encoder.en", "encoder.fr"], 16), (["encoder.en"], 2),
            ] {
                try FeatureFolder.write(try Self.sets(views, rows: rows), to: folder.path)
                #expect(Self.content(folder) == views.map { "\($0) \(rows)" }.joined(separator: ", "))
                #expect(try Self.names(folder) == views.map { "\($0).npy" } + ["ids.json"])
            }
            try FeatureFolder.write(try Self.sets(["encoder.en"], rows: 3), to: folder.path, format: .npz)
            #expect(try Self.names(folder) == ["features.npz", "ids.json"])
            #expect(Self.content(folder) == "encoder.en 3")
            try FeatureFolder.write(try Self.sets(["encoder.en"], rows: 3), to: folder.path)
            #expect(try Self.names(folder) == ["encoder.en.npy", "ids.json"])
        }
    }

    /// Earlier kits did not write down which files are theirs; nor is every file in the folder.
    @Test func foldersOfEarlierKitsAreKnown() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FeatureFolder.write(try Self.sets(["audio", "video"], rows: 2), to: folder.path)
            let facts = folder.appendingPathComponent("ids.json")
            let text = try String(contentsOf: facts, encoding: .utf8)
            let earlier = text.replacing(#/(?s) *"files" : \[.*?\],\n/#, with: "")
            #expect(earlier != text)
            try Data(earlier.utf8).write(to: facts)
            try Data("mine".utf8).write(to: folder.appendingPathComponent("notes.txt"))
            try FeatureFolder.write(try Self.sets(["audio"], rows: 2), to: folder.path)
            #expect(try Self.names(folder) == ["audio.npy", "ids.json", "notes.txt"])
        }
    }

    @Test func aFolderOfSomethingElseIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let sets = try Self.sets(["audio"], rows: 2)
            for (name, text) in [("notes.txt", "mine"), ("ids.json", "[1, 2]")] {
                let place = folder.appendingPathComponent(name + " only")
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: place.appendingPathComponent(name))
                let error = #expect(throws: KitError.self) { try FeatureFolder.write(sets, to: place.path) }
                #expect(
                    error?.message
                        == "'\(place.path)' already exists and contains no features: choose another folder, or empty it"
                )
                #expect(try Self.names(place) == [name])
            }
        }
    }

    /// Stopped in each of its operations on files, it leaves the old features or the new, or says that it was stopped; and the
    /// next one leaves nothing but its own.
    @Test(arguments: [TroubledFileSystem.Trouble.glitch, .full]) func stoppedAnywhere(
        _ trouble: TroubledFileSystem.Trouble
    )
        throws
    {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let (old, new) = (try Self.sets(["audio.en", "audio.es"], rows: 1), try Self.sets(["audio.en"], rows: 4))
            var seen: Set<String> = []
            for operation in 1... {
                let folder = root.appendingPathComponent("\(operation)")
                try FeatureFolder.write(old, to: folder.path)
                let files = TroubledFileSystem(trouble, at: operation)
                do {
                    try FeatureFolder.write(new, to: folder.path, files: files)
                    #expect(operation > 10 && files.operations < operation || trouble == .full)
                } catch {}
                let content = Self.content(folder)
                seen.insert(content.replacing("\(folder.path): ", with: ""))
                let last = try Self.sets(["audio.fr"], rows: 2)
                try FeatureFolder.write(last, to: folder.path)
                #expect(try Self.names(folder) == ["audio.fr.npy", "ids.json"], "operation \(operation)")
                if files.operations < operation { break }
            }
            let unfinished = "contains no features (there is no ids.json); dubkit embed has not finished"
            #expect(seen == ["audio.en 1, audio.es 1", "audio.en 4", unfinished], "\(seen)")
        }
    }
}
