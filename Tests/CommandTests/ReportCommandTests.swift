import Foundation
import TestSupport
import Testing

/// `dubkit report` from the command line, on a run over the sample films.
@Suite(.serialized) struct ReportCommandTests {
    /// A run of two steps that hears two languages; one film has a name that no page may take for its own.
    private static let trained: Result<(run: String, films: String), any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-report-\(UUID().uuidString)")
        let films = folder.appendingPathComponent("films")
        try FileManager.default.createDirectory(at: films, withIntermediateDirectories: true)
        let names = ["002": "日本 \"quoted\" <b>&amp;.mkv", "004": "four.mkv", "006": "six.mkv"]
        for (number, name) in names {
            try FileManager.default.copyItem(
                at: Fixtures.repository.appendingPathComponent("samples/movies/film-\(number).mkv"),
                to: films.appendingPathComponent(name))
        }
        try SoundFiles.write(
            films.appendingPathComponent("labels.jsonl").path,
            text:
                "{\"film\": \"four\", \"mood\": \"</script><script>alert(1)</script>\"}\n{\"film\": \"six\", \"mood\": \"calm\"}\n"
        )
        let outcome = try Command.run([
            "run", "scripts/pretrain/simclr_dub.lua", "--runs", folder.path, "--progress", "none", "--set", "steps=2",
            "--set", "batch=4", "--set", "k=2", "--set", "data=\(films.path)",
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return ("\(folder.path)/simclr_dub", films.path)
    }

    @Test func writesAFolderThatNeedsNothingElse() throws {
        let (run, _) = try Self.trained.get()
        try Fixtures.withTemporaryFolder { folder in
            let out = "\(folder.path)/report"
            let outcome = try Command.run([
                "report", run, "--out", out, "--clips", "12", "--examples", "4", "--progress", "none",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("report: \(out)/index.html"), "\(outcome.errors)")
            let page = try String(contentsOfFile: "\(out)/index.html", encoding: .utf8)
            // Names are text wherever they stand.
            #expect(page.contains("日本 &quot;quoted&quot; &lt;b&gt;&amp;amp;"))
            #expect(!page.contains("\"quoted\" <b>") && !page.contains("alert(1)</script>"))
            #expect(page.contains("\\u003c/script\\u003e"))
            for section in [
                "t-SNE", "video → audio", "audio.en → audio.es", "Spectrogram of", "paper-stated", "held-out clips",
            ] {
                #expect(page.contains(section), "\(section)")
            }
            #expect(!page.contains("http://") && !page.contains("https://"))
            // Every file that the page names is there, and no other.
            let named = Set(page.matches(of: #/media/\d+\.(?:jpg|png|mp3)/#).map { String($0.output) })
            let there = try FileManager.default.contentsOfDirectory(atPath: "\(out)/media").map { "media/\($0)" }
            #expect(named == Set(there) && named.count > 30)
            for kind in ["jpg", "png", "mp3"] { #expect(named.contains { $0.hasSuffix(kind) }) }
            for name in there {
                let size = try FileManager.default.attributesOfItem(atPath: "\(out)/\(name)")[.size] as? Int
                #expect((size ?? 0) > 200, "\(name)")
            }
        }
    }

    /// The short form of `kills.py --job report`: whatever a killed process leaves, the same command gives the same pages.
    @Test func aReportThatIsKilledIsMadeByTheSameCommand() throws {
        let (run, _) = try Self.trained.get()
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            func words(_ folder: URL) -> [String] {
                let out = "\(folder.path)/report"
                return ["report", run, "--out", out, "--clips", "4", "--examples", "1", "--progress", "none"]
            }
            func pages(_ folder: URL) throws -> [String: Data] {
                let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
                return names.reduce(into: [:]) { pages, name in
                    pages[name] = FileManager.default.contents(atPath: "\(folder.path)/\(name)")
                }
            }
            let whole = root.appendingPathComponent("whole")
            #expect(try Command.run(words(whole)).status == 0)
            let expected = try pages(whole)
            #expect(expected.count > 5 && expected["report/index.html"] != nil, "\(expected.keys)")
            for k in [1, 2, 3, 5, 8, 20, 50] {
                let folder = root.appendingPathComponent("killed-\(k)")
                let (outcome, operation) = try FileFaults.run(words(folder), .kill, at: k, in: folder)
                #expect(outcome.status == -SIGKILL && operation != nil, "operation \(k)")
                let page = "\(folder.path)/report/index.html"
                #expect(!FileManager.default.fileExists(atPath: page), "operation \(k)")
                let again = try Command.run(words(folder))
                #expect(again.status == 0, "\(again.errors)")
                #expect(try pages(folder) == expected, "operation \(k), \(operation ?? "none")")
            }
        }
    }

    @Test func filmsThatWereMovedLeaveTheRest() throws {
        let (run, films) = try Self.trained.get()
        try Fixtures.withTemporaryFolder { folder in
            let away = "\(folder.path)/away"
            try FileManager.default.moveItem(atPath: films, toPath: away)
            let outcome = try Command.run(["report", run, "--out", "\(folder.path)/report", "--progress", "none"])
            let found = try Command.run([
                "report", run, "--out", "\(folder.path)/report", "--data", away, "--clips", "4", "--examples", "1",
                "-q",
            ])
            try FileManager.default.moveItem(atPath: away, toPath: films)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(found.status == 0 && found.errors.isEmpty, "\(found.errors)")
        }
    }

    @Test(arguments: [
        (["--out", "README.md"], 64, "already exists and is not a report"),
        (["--data", "no/films"], 66, "no/films"),
        (["--labels", "no.jsonl"], 66, "no.jsonl"),
        (["--languages", "en,xx"], 64, "'xx' is not a language code"),
        (["--clips", "1"], 64, "--clips must be 2 to 2000"),
    ])
    func wrongOptionsAreExplained(options: [String], status: Int, message: String) throws {
        let (run, _) = try Self.trained.get()
        let outcome = try Command.run(["report", run, "--progress", "none"] + options)
        #expect(outcome.status == Int32(status), "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
}
