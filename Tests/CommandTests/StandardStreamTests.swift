import Foundation
import TestSupport
import Testing

/// Standard streams that are closed, full, or on a terminal that names of files try to steer.
@Suite(.serialized) struct StandardStreamTests {
    @Test func closedStreamsAreNotMistakenForFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            let recipe = folder.appendingPathComponent("recipe.lua")
            let text = """
                local kit = require 'kit'
                local films = kit.dataset.films { path = '\(Fixtures.repository.path)/samples/movies/film-002.mkv',
                  video = false, held_out = 0 }
                local encoder = kit.encoder.small_audio { features = 8 }
                print 'said'
                kit.train {
                  name = 'closed', data = films:batches(kit.sampler.uniform { batch = 2 }), modules = { audio = encoder },
                  optimizer = kit.optimizer.sgd {}, steps = 2,
                  step = function(batch)
                    print 'said'
                    local features = encoder(batch.audio.eng)
                    return (features * features):mean()
                  end,
                }
                """
            try Data(text.utf8).write(to: recipe)
            for closed in ["<&- >&- 2>&-", "<&-", ">&-", "2>&-", "<&- 2>&-"] {
                let runs = folder.appendingPathComponent("runs \(closed.count)").path
                let outcome = try Command.shell("exec dubkit run recipe.lua --runs '\(runs)' \(closed)", in: folder)
                #expect(outcome.status == 0, "\(closed): \(outcome.errors)")
                let name = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(runs)/closed").first)
                let run = "\(runs)/closed/\(name)"
                let metrics = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8).split(separator: "\n")
                #expect(
                    metrics.count == 2 && metrics.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }, "\(metrics)")
                #expect(FileManager.default.contents(atPath: "\(run)/.lock") == Data(), "\(closed)")
            }
        }
    }

    @Test(arguments: [
        "data check --json samples/movies/film-001.mp4", "data check samples/movies/film-001.mp4", "--help",
        "--version",
        "help", "help loss.nt_xent", "help data check", "help data", "data", "doctor", "doctor --json", "lua types",
        "plugin list",
        "run print.lua", "run recipe.lua --print-config", "repl", "plugin new loss mine -o OUT",
        "--generate-completion-script bash", "--experimental-dump-help",
    ])
    func outputThatIsLostIsAnError(words: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            try SoundFiles.write("\(folder.path)/print.lua", text: "print 'said'\n")
            try SoundFiles.write("\(folder.path)/recipe.lua", text: "require 'kit'.recipe { batch = 3 }\n")
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("samples"),
                withDestinationURL: Fixtures.repository.appendingPathComponent("samples"))
            let command = words.replacing("OUT", with: "\(folder.path)/mine")
            let lost = try Command.shell("echo '\"said\"' | dubkit \(command) >/dev/full", in: folder)
            #expect(lost.status == 74, "\(lost.errors)")
            #expect(lost.errors.hasPrefix("dubkit: cannot write to standard output"), "\(lost.errors)")
            try? FileManager.default.removeItem(at: folder.appendingPathComponent("mine"))
            let said = try Command.shell("echo '\"said\"' | dubkit \(command)", in: folder)
            #expect(said.status == 0 && !said.output.isEmpty, "\(said.errors)")
        }
    }

    /// A message that nobody can read changes nothing.
    @Test func messagesMayBeLost() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (words, status) in [("nope", Int32(64)), ("run none.lua", 66), ("run a.lua -v", 64), ("help nope", 64)]
            {
                try SoundFiles.write("\(folder.path)/a.lua", text: "error 'wrong'\n")
                let outcome = try Command.shell("exec dubkit \(words) 2>/dev/full", in: folder)
                #expect(outcome.status == status)
            }
        }
    }

    /// A film and its track are called by escape sequences; one file is damaged.
    @Test func namesCannotSteerTheTerminal() throws {
        try Fixtures.withTemporaryFolder { folder in
            let name = "a\u{1B}[31m\u{1B}]0;x\u{07}\nb\u{9B}2J"
            let films = folder.appendingPathComponent("films")
            try FileManager.default.createDirectory(at: films, withIntermediateDirectories: true)
            try FilmFiles.write(films.appendingPathComponent("\(name).mkv").path, seconds: 4, languages: ["en", "en"])
            try SoundFiles.write(films.appendingPathComponent("\(name) bad.mkv").path, text: "no film")
            let recipe = """
                local kit = require 'kit'
                local path = '\(films.path)/' .. (...)
                print(select(2, pcall(kit.media.open, { path = path })))
                local film = kit.media.open { path = path }
                print(film)
                film:audio('fr', 0, 1)
                """
            for (file, escaped) in [(name, name), ("\(name) bad", "")] {
                let text = recipe.replacing("(...)", with: "[=[\n\(file).mkv]=]")
                try SoundFiles.write("\(folder.path)/recipe.lua", text: text)
                let outcome = try Command.run(["run", "\(folder.path)/recipe.lua"])
                #expect(outcome.status != 0)
                expectPlain(outcome, "\(escaped)")
            }
            for more in [[], ["--languages", "fr"]] {
                let check = try Command.run(["data", "check", films.path] + more)
                expectPlain(check, "data check")
                // Each file has its row.
                #expect(check.output.split(separator: "\n").filter { $0.hasPrefix("a\\x1b[31m") }.count >= 2)
            }
            expectPlain(try Command.run(["data", "check", "\(films.path)/none\(name)"]), "a path of the command line")
        }
    }

    /// Escaped text in JSON is read back unchanged.
    @Test func namesInJSONAreKept() throws {
        try Fixtures.withTemporaryFolder { folder in
            let name = "a\u{1B}[31m\u{7F}\n\u{9B}2J\u{202E}gpj.wav"
            try SoundFiles.write(folder.appendingPathComponent(name).path, seconds: 4)
            let outcome = try Command.run(["data", "check", "--json", folder.path])
            #expect(outcome.output.unicodeScalars.allSatisfy { $0 == "\n" || 0x20..<0x7F ~= $0.value })
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let paths = (json?["files"] as? [[String: Any]])?.compactMap { $0["path"] as? String }
            #expect(paths == [folder.appendingPathComponent(name).path], "\(outcome.output)")
        }
    }

    private func expectPlain(_ outcome: Command.Outcome, _ what: Comment) {
        let steering = (outcome.output + outcome.errors).unicodeScalars.filter {
            $0 != "\n" && ($0.value < 32 || 0x7F...0x9F ~= $0.value)
        }
        #expect(steering.isEmpty, what)
        #expect((outcome.output + outcome.errors).contains("\\x1b[31m"), what)
    }
}
