import Foundation
import TestSupport
import Testing

/// `--dry-run` of a recipe that writes files itself.
@Suite struct DryRunTests {
    private static let writers = [
        "kit.write_json { path = out .. '/new/cell.json', value = { 1 } }",
        "kit.write_text { path = out .. '/page.md', text = 'a' }",
        "kit.copy_file { from = out .. '/known.txt', to = out .. '/copy.txt' }",
        "kit.make_folder { path = out .. '/folder/below' }",
        "kit.add_result { path = out .. '/results.jsonl', variant = 'v', task = 't', metric = 'm', value = 1 }",
        "kit.media.write_audio { path = out .. '/b.wav', samples = kit.tensor.zeros { 480, 2 } }",
        "kit.media.write_audio { path = out .. '/a.flac', samples = kit.tensor.zeros { 480, 2 } }",
        "kit.plot.curves(kit.tensor.from { 1, 2 }, out .. '/curve.svg')",
        "kit.encoder.small_audio { features = 8 }:save(out .. '/encoder.safetensors')",
        "kit.embed { data = out .. '/in', encoders = { audio = kit.encoder.small_audio {} }, out = out .. '/features' }",
        "kit.export { encoders = { audio = kit.encoder.small_audio {} }, out = out .. '/exported' }",
        """
        do
          local film <close> = kit.media.film_writer { path = out .. '/film.mkv', width = 16, height = 16, frame_rate = 5 }
          film:frames(kit.tensor.zeros { 5, 16, 16, 3 })
        end
        """,
    ]

    private func run(_ writer: String, in folder: URL, _ options: [String]) throws -> Command.Outcome {
        let recipe = folder.appendingPathComponent("recipe.lua")
        try Data("local kit = require 'kit'\nlocal out = '\(folder.path)/out'\n\(writer)\n".utf8).write(to: recipe)
        return try Command.run(["run", recipe.path] + options, in: folder)
    }

    private func files(_ folder: URL) throws -> Set<String> {
        Set(try FileManager.default.subpathsOfDirectory(atPath: folder.appendingPathComponent("out").path))
    }

    @Test(arguments: writers) func leavesNothingBehind(writer: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try SoundFiles.write("\(folder.path)/out/known.txt", text: "before")
            try SoundFiles.write("\(folder.path)/out/in/a.wav", seconds: 3.2)
            let before = try files(folder)
            let rehearsed = try run(writer, in: folder, ["--dry-run"])
            #expect(rehearsed.status == 0, "\(rehearsed.errors)")
            #expect(try files(folder) == before)
            #expect(
                rehearsed.errors.contains("dry run: not written: \(folder.path)/out/"), "\(rehearsed.errors)")
            // The same call writes something where it is no rehearsal.
            let written = try run(writer, in: folder, [])
            #expect(written.status == 0, "\(written.errors)")
            #expect(try files(folder).count > before.count)
            #expect(!written.errors.contains("dry run"))
        }
    }

    @Test func whatIsThereStays() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["known.txt", "results.jsonl"] {
                try SoundFiles.write("\(folder.path)/out/\(name)", text: "before\n")
            }
            let outcome = try run(
                "kit.write_text { path = out .. '/known.txt', text = 'a' }\n" + Self.writers[4], in: folder,
                ["--dry-run", "-q"])
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            for name in ["known.txt", "results.jsonl"] {
                #expect(try String(contentsOfFile: "\(folder.path)/out/\(name)", encoding: .utf8) == "before\n")
            }
        }
    }

    /// What could not be written is an error in a dry run too, and what is written into a folder that it would have made is none.
    @Test func whatCannotBeWrittenIsSaid() throws {
        let sound = "kit.media.write_audio { path = out .. '/new/a.wav', samples = kit.tensor.zeros { 480, 2 } }"
        try Fixtures.withTemporaryFolder { folder in
            let made = try run("kit.make_folder { path = out .. '/new' }\n" + sound, in: folder, ["--dry-run"])
            #expect(made.status == 0 && made.errors.contains("/out/new, "), "\(made.errors)")
            let absent = try run(sound, in: folder, ["--dry-run"])
            #expect(absent.status == 74 && absent.errors.contains("out/new/a.wav"), "\(absent.errors)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out"))
            try SoundFiles.write("\(folder.path)/out", text: "a file")
            let outcome = try run(Self.writers[1], in: folder, ["--dry-run"])
            #expect(outcome.status == 74 && outcome.errors.contains("out/page.md"), "\(outcome.errors)")
        }
    }
}
