import Foundation
import Kit
import TestSupport
import Testing

/// The comparison of all systems, on a world of a few films: whether it can be stopped anywhere, not what it finds.
@Suite(.serialized, .enabled(if: WorldTests.hasSpeech)) struct StudyTests {
    private static func arguments(_ out: URL, _ keys: [String] = []) -> [String] {
        let size = [
            "films=4", "seconds=6", "probes=20", "swaps=3", "steps=2", "batch=4", "k=2", "seeds=1", "separator_steps=1",
        ]
        let all = ["out=\(out.path)"] + size + keys
        return ["run", "scripts/study/paper.lua", "--progress", "none"] + all.flatMap { ["--set", $0] }
    }

    /// The figures of all cells by file.
    private static func figures(_ out: URL) throws -> [String: NSDictionary] {
        let folder = out.appendingPathComponent("cells")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let cells = try names.map { name in
            let cell = try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appendingPathComponent(name)))
            return (name, try #require((cell as? [String: Any])?["figures"] as? NSDictionary))
        }
        return Dictionary(uniqueKeysWithValues: cells)
    }

    @Test func aStudyThatIsKilledEndsWithTheSameFigures() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (whole, broken) = (folder.appendingPathComponent("whole"), folder.appendingPathComponent("broken"))
            let rows = ["only=majority,mean_log_mel,random,av,es,sep,aa_dub"]
            let outcome = try Command.run(Self.arguments(whole, rows))
            try #require(outcome.status == 0, "\(outcome.errors)")
            let expected = try Self.figures(whole)
            #expect(expected.count == 7)
            #expect(expected["av-1.json"]?["av_event"] != nil && expected["av-1.json"]?["speech_sensitivity"] != nil)
            // Rows without video are not asked about video; without features nothing moves.
            #expect(expected["aa_dub-1.json"]?["av_event"] == nil)
            #expect(expected["majority-1.json"]?["speech_sensitivity"] == nil)

            // What was spoken need not be spoken again.
            let speech = "world/speech"
            try FileManager.default.createDirectory(
                at: broken.appendingPathComponent("world"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: whole.appendingPathComponent(speech), to: broken.appendingPathComponent(speech))
            // What it runs is killed while films are made, between two cells, and while speech is removed; the study itself,
            // with which its training ends, while a system is trained.
            for file in ["world/probe/films", "runs/es-1", "cells/es-1.json", "world/films_separated"] {
                let command = try Command(Self.arguments(broken, rows))
                command.waitForFile(broken.appendingPathComponent(file).path)
                if file.hasPrefix("runs") { command.send(SIGKILL) } else { command.killChildren() }
                _ = try command.wait()
            }
            let resumed = try Command.run(Self.arguments(broken, rows))
            try #require(resumed.status == 0, "\(resumed.errors)")
            #expect(try Self.figures(broken) == expected)

            let page = try String(contentsOf: whole.appendingPathComponent("results/main.md"), encoding: .utf8)
            #expect(page.contains("| SimCLR_AV | 1 |"))
            // Rows that were not run have no figures.
            #expect(page.contains("| +FR | 0 | – | – | – | – | – | – | – | – |"))
            #expect(page.contains("need at least two seeds") && !page.contains("## Differences"))
            let figure = try String(contentsOf: whole.appendingPathComponent("results/main.svg"), encoding: .utf8)
            #expect(figure.hasPrefix("<svg ") && figure.hasSuffix("</svg>\n") && !figure.contains("nan"))

            // The same figures for reports, each once though its cell was begun more than once.
            let table = try String(contentsOf: broken.appendingPathComponent("results/main.jsonl"), encoding: .utf8)
            #expect(table.split(separator: "\n").filter { $0.contains("SimCLR_AV") && $0.contains("scene") }.count == 1)

            // Nothing is left to do.
            let again = try Command.run(Self.arguments(whole, rows))
            #expect(again.status == 0 && !again.output.contains("cell "), "\(again.output)")
            let other = try Command.run(Self.arguments(whole, rows + ["steps=3"]))
            #expect(other.status != 0 && other.errors.contains("holds a study with steps=2, not 3"), "\(other.errors)")
        }
    }

    /// Processes share the cells, and the figures are those of one process.
    @Test(.enabled(if: Launcher.isThere)) func aStudyIsSharedByProcesses() throws {
        try Fixtures.withTemporaryFolder { folder in
            func study(_ ranks: Int) throws -> URL {
                let out = folder.appendingPathComponent("\(ranks)")
                if ranks > 1 {
                    // The same films.
                    try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
                    try FileManager.default.copyItem(
                        at: folder.appendingPathComponent("1/world"), to: out.appendingPathComponent("world"))
                }
                let outcome = try Launcher.start(ranks, Self.arguments(out, ["only=majority,av,aa"])).wait()
                try #require(outcome.status == 0, "\(outcome.errors)")
                return out
            }
            let whole = try Self.figures(study(1))
            #expect(whole.count == 3)
            let shared = try study(2)
            #expect(try Self.figures(shared) == whole)
            let page = try String(contentsOf: shared.appendingPathComponent("results/main.md"), encoding: .utf8)
            #expect(page.contains("| SimCLR_AV | 1 |") && page.contains("3 cells in"))
        }
    }

    /// Half widths as `scipy.stats.t.interval` gives them.
    @Test func differencesAreOfEqualSeeds() throws {
        let script = """
            package.path = "\(Fixtures.repository.path)/scripts/study/?.lua"
            local runs = {
              av = { { 1, 0.4, 0.55 }, { 2, 0.425, 0.45 }, { 3, 0.455, 0.5 } },
              near = { { 3, 0.47, 0.3 }, { 1, 0.42, 0.5 }, { 2, 0.45, 0.4 } },
              far = { { 3, 0.9 }, { 4, 0.9, 0.1 } },
            }
            local function cells(row)
              local list = {}
              for _, cell in ipairs(runs[row.name]) do
                list[#list + 1] = { seed = cell[1], figures = { event = cell[2], speech_sensitivity = cell[3] } }
              end
              return list
            end
            local rows = { { name = "near", title = "near" }, { name = "av", title = "AV" }, { name = "far", title = "far" } }
            print(require "tables".differences({ rows = rows, reference = "av" }, cells))
            """
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("differences.lua").path
            try script.write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = try Command.run(["run", path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            try #require(lines.count == 4)
            #expect(lines[2].hasPrefix("| near | 3 | **+2.0 ± 1.2** |") && lines[2].hasSuffix("| -0.10 ± 0.22 |"))
            #expect(lines[3].hasPrefix("| far | 2 | – |") && lines[3].hasSuffix("| – |"), "\(lines[3])")
        }
    }

    @Test func wrongKeysAreNamed() throws {
        let outcome = try Command.run(["run", "scripts/study/paper.lua", "--set", "study=mian"])
        #expect(outcome.status != 0 && outcome.errors.contains("key 'study' must be main, k, languages"))
    }
}
