import Foundation
import TestSupport
import Testing

/// Every recipe below scripts/pretrain trains for two steps on the sample films.
@Suite(.serialized) struct PretrainingTests {
    static var recipes: [String] {
        let folder = Fixtures.repository.appendingPathComponent("scripts/pretrain").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".lua") }.sorted().map { "scripts/pretrain/\($0)" }
    }

    @Test func thereAreRecipes() { #expect(!Self.recipes.isEmpty) }

    @Test(arguments: recipes) func trainsTwoSteps(_ recipe: String) throws {
        try Fixtures.withTemporaryFolder { runs in
            let outcome = try Command.run(try Self.options(recipe, runs))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let text = try String(
                contentsOf: try Self.run(in: runs).appendingPathComponent("metrics.jsonl"), encoding: .utf8)
            let steps = try text.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(steps.count == 2)
            #expect(steps.allSatisfy { ($0["loss"] as? Double)?.isFinite == true }, "\(text)")
        }
    }

    @Test(arguments: recipes) func dryRunWritesNothing(_ recipe: String) throws {
        try Fixtures.withTemporaryFolder { runs in
            let outcome = try Command.run(try Self.options(recipe, runs) + ["--dry-run"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: runs.path).isEmpty)
        }
    }

    @Test func aTrackThatIsItsOwnDubIsWarnedOf() throws {
        for (words, isWarned) in [(["secondary=es,en"], true), (["secondary=es"], false)] {
            let outcome = try Command.run(
                ["run", "scripts/pretrain/simclr_dub.lua", "--dry-run", "-q", "batch=4", "k=2"] + words)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let warning = "warning: keys 'primary' and 'secondary' both name 'en': that track is its own dub\n"
            #expect(outcome.errors == (isWarned ? warning : ""), "\(outcome.errors)")
        }
    }

    @Test func filmsThatCannotBeUsedAreLeftOutAndNothingIsMeasured() throws {
        try Fixtures.withTemporaryFolder { folder in
            let films = folder.appendingPathComponent("films")
            try FileManager.default.createDirectory(at: films, withIntermediateDirectories: true)
            for film in ["film-001.mp4", "film-002.mkv"] {
                try FileManager.default.copyItem(
                    at: Fixtures.repository.appendingPathComponent("samples/movies/\(film)"),
                    to: films.appendingPathComponent(film))
            }
            try FilmFiles.write("\(films.path)/mute.mp4", seconds: 3)
            let options = [
                "run", "scripts/pretrain/simclr_dub.lua", "--runs", "\(folder.path)/runs", "--progress", "none",
                "--set",
                "steps=2", "--set", "batch=4", "--set", "k=2", "--set", "data=\(films.path)", "--set", "held_out=0",
            ]
            let refused = try Command.run(options)
            #expect(refused.status != 0 && refused.errors.contains("mute.mp4: has no sound"), "\(refused.errors)")
            let outcome = try Command.run(options + ["--set", "unusable=skip"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("warning: left out: "), "\(outcome.errors)")
            #expect(!(outcome.output + outcome.errors).contains("held-out"), "\(outcome.errors)")
        }
    }

    /// Four sample films without speech, for the recipe that wants such a track.
    private static let separated: Result<URL, any Error> = Result {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(
            "dubkit-separated-\(UUID().uuidString)")
        for film in ["film-001.mp4", "film-002.mkv", "film-003.mp4", "film-004.mkv"] {
            let outcome = try Command.run([
                "run", "scripts/separate/remove_speech.lua", "--progress", "none", "--set", "language=en", "--set",
                "data=samples/movies/\(film)", "--set", "out=\(root.path)",
            ])
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        return root
    }

    private static func options(_ recipe: String, _ runs: URL) throws -> [String] {
        var keys = ["steps=2", "batch=4", "k=2"]
        if recipe.hasSuffix("simclr_sep.lua") { keys.append("data=\(try separated.get().path)") }
        return ["run", recipe, "--runs", runs.path, "--progress", "none"] + keys.flatMap { ["--set", $0] }
    }

    /// The only run below `runs`: NAME/TIME-ID.
    private static func run(in runs: URL) throws -> URL {
        let names = try FileManager.default.contentsOfDirectory(at: runs, includingPropertiesForKeys: nil)
        let ids = try FileManager.default.contentsOfDirectory(
            at: try #require(names.first), includingPropertiesForKeys: nil)
        return try #require(ids.first)
    }
}
