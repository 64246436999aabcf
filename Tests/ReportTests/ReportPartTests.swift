import Foundation
import Kit
import TestSupport
import Testing

/// The parts that a report is made of.
@Suite struct ReportPartTests {
    @Test func textBecomesHarmlessAndPiecesStay() {
        let name = "<script>alert('x')</script> & \"é\u{0}\u{85}日\""
        let cell: HTML = "<td title=\"\(name)\">\(name)</td>"
        let safe = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;é\u{fffd}\u{fffd}日&quot;"
        #expect(cell.text == "<td title=\"\(safe)\">\(safe)</td>")
        let none: HTML? = nil
        let row: HTML = "<tr>\([cell, cell])\(none)\(3)</tr>"
        #expect(row.text == "<tr>\(cell.text)\(cell.text)3</tr>")
    }

    // MARK: the folder

    private static func write(_ path: String, _ content: String, _ files: any FileSystem = DiskFileSystem()) throws {
        try ReportFolder(path, files).write { folder in
            try files.makeFolder("\(folder)/media")
            try files.replace("\(folder)/media/1", with: Data(content.utf8))
            try files.replace("\(folder)/index.html", with: Data((ReportFolder.mark + content).utf8))
        }
    }

    private static func content(_ path: String) throws -> String {
        let page = try String(contentsOfFile: "\(path)/index.html", encoding: .utf8)
        let media = try String(contentsOfFile: "\(path)/media/1", encoding: .utf8)
        #expect(page == ReportFolder.mark + media)
        return media
    }

    @Test func reportsReplaceReportsAndNothingElse() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let path = "\(folder.path)/report"
            try Self.write(path + "/", "first")
            try Self.write(path, "second")
            #expect(try Self.content(path) == "second")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report"])
            try FileManager.default.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
            try Self.write("\(folder.path)/empty", "third")
            try SoundFiles.write("\(folder.path)/photos/index.html", text: "mine")
            for taken in ["photos", "photos/index.html"] {
                let error = #expect(throws: KitError.self) { try Self.write("\(folder.path)/\(taken)", "x") }
                #expect(error?.kind == .usage && error?.message.contains("is not a report") == true)
            }
            #expect(try String(contentsOfFile: "\(folder.path)/photos/index.html", encoding: .utf8) == "mine")
        }
    }

    /// Whichever operation fails: the old report or the new one is there, whole.
    @Test(arguments: [TroubledFileSystem.Trouble.full, .glitch])
    func anyFailureLeavesAWholeReport(trouble: TroubledFileSystem.Trouble) throws {
        let counter = TroubledFileSystem()
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            try Self.write("\(folder.path)/report", "old")
            try Self.write("\(folder.path)/report", "new", counter)
        }
        #expect(counter.operations > 10)
        for limit in 1...counter.operations {
            try Fixtures.withTemporaryFolder(inMemory: true) { folder in
                let path = "\(folder.path)/report"
                try Self.write(path, "old")
                let error = #expect(throws: KitError.self) {
                    try Self.write(path, "new", TroubledFileSystem(trouble, at: limit))
                    throw KitError(.inputOutput, "not every operation was needed")
                }
                #expect(error?.kind == .inputOutput)
                #expect(["old", "new"].contains(try Self.content(path)), "operation \(limit)")
                // The next report finds its way, whatever was left behind.
                try Self.write(path, "next")
                #expect(try Self.content(path) == "next")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report"])
            }
        }
    }

    // MARK: labels

    @Test func labelsOfClipsComeFromRecordsAndStretches() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/labels.jsonl"
            try SoundFiles.write(
                path,
                text: """
                    {"film": "a.mp4", "speaker": "Zoë <i>", "loud": true, "year": 1968, "shots":
                    """ + """
                         [{"scene": "sea", "start": 0, "stop": 7}, {"scene": "café", "start": 7, "stop": 20}]}

                        {"id": "b", "speaker": "Bo"}

                        """)
            let labels = try ClipLabels(path)
            func clip(_ id: String, _ file: String, _ start: Double) -> ClipSource {
                ClipSource(id: id, path: "/films/\(file)", start: start, duration: 3)
            }
            let first = labels.labels(of: clip("a:3.000", "a.mp4", 3), film: "a")
            #expect(first == ["speaker": "Zoë <i>", "loud": "true", "year": "1968", "scene": "sea"])
            #expect(labels.labels(of: clip("a:6.000", "a.mp4", 6), film: "a")["scene"] == "café")
            #expect(labels.labels(of: clip("a:30.000", "a.mp4", 30), film: "a")["scene"] == nil)
            var own = clip("b:0.000", "b.mp4", 0)
            own.labels = .table(Options(named: [("speaker", .string("from the manifest"))]))
            #expect(labels.labels(of: own, film: "b") == ["speaker": "from the manifest"])
            #expect(labels.labels(of: clip("c:0.000", "c.mp4", 0), film: "c").isEmpty)
            try SoundFiles.write(
                path,
                text: """
                    {"id": "d", "movie": "D", "path": "d.mp4", "split": "train", "labels": {"mood": "calm", "seen": ["x"]}}

                    """)
            #expect(try ClipLabels(path).labels(of: clip("d:0.000", "d.mp4", 0), film: "d") == ["mood": "calm"])
            try SoundFiles.write(path, text: "{\"film\": \"a\"}\n{\"speaker\": \"Bo\"}\n")
            let error = #expect(throws: KitError.self) { try ClipLabels(path) }
            #expect(error?.message.hasPrefix("\(path):2: names no film") == true)
        }
    }

    // MARK: retrieval

    @Test func galleryShowsHitsAndTheWorstMisses() throws {
        // Query i points at candidate i, except that 3 and 4 point at 0 and 1.
        let count = 6
        var values = [Float](repeating: 0, count: count * count)
        for row in 0..<count {
            values[row * count + row] = row == 3 ? 0.1 : row == 4 ? -0.5 : 1
            if row == 3 || row == 4 { values[row * count + row - 3] = 1 }
        }
        let names = (0..<count).map { "film:\($0)" }
        func features(_ view: String, _ values: [Float]) throws -> FeatureSet {
            try FeatureSet(
                view: view, ids: names, films: names, values: Tensor(values, [count, count]), encoder: "test")
        }
        let identity = (0..<count * count).map { Float($0 / count == $0 % count ? 1 : 0) }
        let gallery = try RetrievalGallery(
            features("audio.en", values), features("audio.es", identity), examples: 2, shown: 3)
        #expect(gallery.hitCount == 4 && gallery.hits.map(\.clip) == [0, 2])
        // The right clip of query 4 is the last of six; that of query 3 the second.
        #expect(gallery.misses.map(\.clip) == [4, 3] && gallery.misses.map(\.rank) == [6, 2])
        #expect(gallery.misses[0].found.map(\.rank) == [1, 2, 3, 6] && gallery.misses[0].found[0].clip == 1)
        #expect(gallery.misses[1].found.count == 3 && gallery.misses[1].found[1].clip == 3)
        #expect(RetrievalGallery.language(of: "audio.es") == "es" && RetrievalGallery.language(of: "video") == nil)
    }
}
