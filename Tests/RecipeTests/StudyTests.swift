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

    /// Trends, their t-tests and the power calculation as SciPy computes them: `stats.linregress` for each seed,
    /// `stats.ttest_1samp` and `stats.t.interval` over seeds, `stats.t.ppf` for the power.
    @Test func trendsAndPowerAreSciPys() throws {
        let script = """
            local root = "\(Fixtures.repository.path)/"
            package.path = root .. "scripts/study/?.lua;" .. root .. "scripts/lib/?.lua;" .. root .. "samples/?.lua"
            local doses, page, statistics = require "dose_rows", require "dose_page", require "statistics"
            local systems = doses.chosen { "one" }
            local gain = { [0] = { 0.00, 0.01, 0.00 }, { 0.01, 0.04, 0.03 }, { 0.06, 0.05, 0.05 } }
            local study = { systems = systems, factors = { "lips" }, doses = { 0, 0.5, 1 } }
            study.rows = doses.rows(systems, { "lips" }, { 0.5, 1 })
            function study.cells(row)
              local list = {}
              for seed = 1, row.system and 3 or 0 do
                local change = row.system == systems[1] and 0 or gain[math.floor(2 * row.dose)][seed]
                list[seed] = { seed = seed, seconds = 10, command = "run", figures = { event = 0.4 + change } }
              end
              return list
            end
            page.write("FOLDER", study, { steps = 3 }, 0.03)
            print(statistics.quantile(0.975, 7), statistics.quantile(0.8, 2), statistics.seeds(0.02, 0.03))
            """
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("trends.lua").path
            try script.replacing("FOLDER", with: folder.path).write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = try Command.run(["run", path])
            try #require(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("2.364624251"), "\(outcome.output)")
            #expect(outcome.output.contains("1.060660171") && outcome.output.hasSuffix("6\n"), "\(outcome.output)")
            let text = try String(contentsOf: folder.appendingPathComponent("when.md"), encoding: .utf8)
            #expect(text.contains("| one dub, dose 0.5 | 3 | +2.7 ± 3.8 |"), "\(text)")
            #expect(text.contains("| one dub, dose 1 | 3 | **+5.3 ± 1.4** |"))
            #expect(text.contains("| one dub, difference | 3 | **+5.0 ± 2.5 (p 0.013)** |"))
            #expect(text.contains("| no dub | 3 | +0.0 ± 0.0 (p 1.000) |"))
            #expect(text.contains("| event | 1.0 | 4 |"))
            let figure = try String(contentsOf: folder.appendingPathComponent("when.svg"), encoding: .utf8)
            #expect(figure.hasSuffix("</svg>\n") && !figure.contains("nan") && figure.contains(">lips</text>"))
        }
    }

    @Test func dosesAreStudiedOneAfterTheOther() throws {
        try Fixtures.withTemporaryFolder { folder in
            let keys = [
                "out=\(folder.path)", "films=4", "seconds=6", "probes=20", "swaps=3", "steps=2", "batch=4", "k=2",
            ]
            func study(_ more: String...) throws -> (outcome: Command.Outcome, cells: [String: NSDictionary]) {
                let all = keys + ["systems=none,removed", "seeds=1"] + more
                let outcome = try Command.run(["run", "scripts/study/when.lua", "--progress", "none"] + all)
                try #require(outcome.status == 0, "\(outcome.errors)")
                return (outcome, try Self.figures(folder))
            }
            let first = try study("factors=face", "doses=1").cells
            #expect(
                first.keys.sorted() == [
                    "majority-1.json", "mean_log_mel-1.json", "none_0-1.json", "none_face_100-1.json", "random-1.json",
                    "removed_0-1.json", "removed_face_100-1.json",
                ])
            // What is trained on other pictures is another network; with the speech removed, too.
            #expect(first["none_0-1.json"] != first["none_face_100-1.json"])
            // The same films serve all factors at dose 0.
            let second = try study("factors=face,topic", "doses=1")
            #expect(second.cells.count == 9 && !second.outcome.output.contains("none_0"), "\(second.outcome.output)")
            let page = try String(contentsOf: folder.appendingPathComponent("results/when.md"), encoding: .utf8)
            #expect(page.contains("| no dub, topic 1 | 1 |") && page.contains("## topic"))
        }
    }

    @Test(arguments: [
        ("factors=mouth", "key 'factors' must be any of all, lips, face, topic, but has 'mouth'"),
        ("systems=two", "key 'systems' must be any of none, one, three, removed, but has 'two'"),
        ("doses=0.5,2", "key 'doses' must be 0.01 to 1, but has 2"),
    ])
    func wrongKeysOfDosesAreNamed(key: String, message: String) throws {
        let outcome = try Command.run(["run", "scripts/study/when.lua", "out=/nowhere", key])
        #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test func wrongKeysAreNamed() throws {
        let outcome = try Command.run(["run", "scripts/study/paper.lua", "--set", "study=mian"])
        #expect(outcome.status != 0 && outcome.errors.contains("key 'study' must be main, k, languages"))
    }
}
