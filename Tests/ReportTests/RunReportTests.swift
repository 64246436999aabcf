import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Reports of runs that lack this and that.
@Suite(.serialized) struct RunReportTests {
    private static var quiet: RunLog { RunLog(terminal: Terminal(isInteractive: false) { _ in }) }

    /// Trains a run that knows no films, and gives its folder.
    private static func run(in runs: URL, name: String = "tiny") throws -> String {
        var training = TinyTraining()
        training.name = name
        return try Session().run { try training.run(in: runs).folder }
    }

    private static func page(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func aRunWithoutFilmsHasAReportThatSaysSo() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try Self.run(in: folder)
            let path = try RunReport([run]).write(log: Self.quiet)
            #expect(path == "\(run)/report/index.html")
            let page = try Self.page(path)
            #expect(page.contains("Loss by term") && page.contains("audio_to_video"))
            #expect(page.contains("does not say where its films are"))
            #expect(page.contains("There are no results"))
            // Nothing comes from a network, and the second report has the same bytes.
            #expect(!page.contains("http://") && !page.contains("https://"))
            #expect(try Self.page(try RunReport([run]).write(log: Self.quiet)) == page)
        }
    }

    @Test func severalRunsStandSideBySideWithTheirResults() throws {
        try Fixtures.withTemporaryFolder { folder in
            let runs = try ["plain", "dubbed"].map { try Self.run(in: folder, name: $0) }
            let without = #expect(throws: KitError.self) { try RunReport(runs).write(log: Self.quiet) }
            #expect(without?.kind == .usage && without?.message.contains("--out") == true)
            var (first, second) = (
                ResultLine(variant: "plain", task: "<i>scene</i>", metric: "top1", value: 0.5),
                ResultLine(variant: "dubbed & more", task: "<i>scene</i>", metric: "top1", value: 0.75)
            )
            (first.chance, second.low, second.high) = (0.125, 0.7, 0.8)
            try ResultLine.append([first], to: "\(runs[0])/\(ResultLine.fileName)")
            try ResultLine.append([second], to: "\(folder.path)/more.jsonl")
            var report = RunReport(runs)
            (report.out, report.results, report.reference) = (
                "\(folder.path)/both", ["\(folder.path)/more.jsonl"], "plain"
            )
            let page = try Self.page(try report.write(log: Self.quiet))
            #expect(page.contains("&lt;i&gt;scene&lt;/i&gt;") && !page.contains("<i>scene"))
            #expect(page.contains("dubbed &amp; more") && page.contains("★</span>75.0"))
            #expect(page.contains("70.0 to 80.0") && page.contains("+50.0%") && page.contains("12.5"))
            #expect(page.contains("Loss term &#39;audio_to_video&#39;"))
            report.reference = "plian"
            let error = #expect(throws: KitError.self) { try report.write(log: Self.quiet) }
            #expect(error?.message.contains("did you mean 'plain'?") == true, "\(error?.message ?? "")")
        }
    }

    @Test func damagedFilesAreNamedAndTheRestIsShown() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try Self.run(in: folder)
            let files = FileManager.default
            try files.removeItem(atPath: "\(run)/env.json")
            try Data("{".utf8).write(to: URL(fileURLWithPath: "\(run)/status.json"))
            let metrics = URL(fileURLWithPath: "\(run)/metrics.jsonl")
            var text = try String(contentsOf: metrics, encoding: .utf8)
            text = "not json\n" + text + "{\"step\": 13, \"lo"
            try Data(text.utf8).write(to: metrics)
            var page = try Self.page(try RunReport([run]).write(log: Self.quiet))
            for note in [
                "env.json is missing", "status.json cannot be read", "metrics.jsonl has 1 unreadable line,",
                "state unknown", "Loss by term",
            ] { #expect(page.contains(note), "\(note)") }
            try files.removeItem(at: metrics)
            page = try Self.page(try RunReport([run]).write(log: Self.quiet))
            #expect(page.contains("there is no metrics.jsonl") && !page.contains("Loss by term"))
        }
    }

    @Test func theMachinesOfProcessesAreShown() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try Self.run(in: folder)
            #expect(try !Self.page(try RunReport([run]).write(log: Self.quiet)).contains("Processes"))
            let path = "\(run)/env.json"
            let facts = try String(contentsOfFile: path, encoding: .utf8)
            try facts.replacing("{", with: "{\"processes\": {\"node1\": 4, \"node2\": 2},", maxReplacements: 1)
                .write(toFile: path, atomically: true, encoding: .utf8)
            let page = try Self.page(try RunReport([run]).write(log: Self.quiet))
            #expect(page.contains("4 on node1, 2 on node2"))
        }
    }

    @Test func whatIsNoRunIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try Self.run(in: folder)
            let cases: [(String, String)] = [
                ("\(folder.path)/tinny", "there is no such run: did you mean 'tiny'?"),
                ("\(run)/checkpoints", "is not a run folder and contains none (there is no config.resolved.json)"),
                (folder.path, ", but there are runs in \(folder.path)/tiny"),
            ]
            for (path, reason) in cases {
                let error = #expect(throws: KitError.self) { try RunReport([path]).write(log: Self.quiet) }
                #expect(error?.kind == .noInput && error?.message.contains(reason) == true, "\(error?.message ?? "")")
            }
            let twice = #expect(throws: KitError.self) {
                try RunReport([run, "\(folder.path)/tiny"]).write(log: Self.quiet)
            }
            #expect(twice?.message.contains("is given twice") == true)
            var report = RunReport([run])
            report.results = ["\(folder.path)/none.jsonl"]
            #expect(throws: KitError.self) { try report.write(log: Self.quiet) }
            report = RunReport([run])
            report.data = "\(folder.path)/films"
            #expect(throws: KitError.self) { try report.write(log: Self.quiet) }
        }
    }

    /// A disk that is full at any operation: an error, and neither half a report nor a lost one.
    @Test func aFullDiskLeavesTheReportBefore() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let run = try Self.run(in: folder)
            let path = try RunReport([run]).write(log: Self.quiet)
            let page = try Self.page(path)
            let counter = TroubledFileSystem()
            _ = try RunReport([run], files: counter).write(log: Self.quiet)
            for limit in stride(from: 1, through: counter.operations, by: 3) {
                let files = TroubledFileSystem(.full, at: limit)
                // Late operations only take things away, for which there is always room.
                do { _ = try RunReport([run], files: files).write(log: Self.quiet) } catch {
                    #expect((error as? KitError)?.kind == .inputOutput)
                }
                #expect(try Self.page(path) == page, "operation \(limit)")
                #expect(!FileManager.default.fileExists(atPath: "\(run)/report.tmp"))
            }
        }
    }
}
