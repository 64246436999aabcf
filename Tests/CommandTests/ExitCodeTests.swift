import Foundation
import TestSupport
import Testing

/// What the command answers to wrong input: an exit code by kind, and a message that names the thing.
@Suite struct ExitCodeTests {
    private func run(recipe text: String, _ more: String...) throws -> Command.Outcome {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("recipe.lua")
            try Data(text.utf8).write(to: file)
            return try Command.run(["run", file.path, "--runs", folder.appendingPathComponent("runs").path] + more)
        }
    }

    @Test func versionAndHelp() throws {
        #expect(try Command.run(["--version"]).output.hasPrefix("dubkit "))
        let help = try Command.run(["help", "loss.nt_xent"])
        #expect(help.status == 0)
        #expect(help.output.contains("temperature") && help.output.contains("inferred"))
    }

    @Test func unknownNamesAreExplained() throws {
        for (words, message) in [
            (["runn", "r.lua"], "no subcommand 'runn': did you mean 'run'? (it has: run, "),
            (["data", "chekc", "."], "no subcommand 'data chekc': did you mean 'check'? (it has: check)"),
        ] {
            let outcome = try Command.run(words)
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
        let outcome = try Command.run(["help", "loss.nt_xnet"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("did you mean 'nt_xent'?"), "\(outcome.errors)")
    }

    @Test func missingRecipe() throws {
        let outcome = try Command.run(["run", "no-such-recipe.lua"])
        #expect(outcome.status == 66)
        #expect(outcome.errors.contains("no-such-recipe.lua"), "\(outcome.errors)")
    }

    @Test func syntaxErrorHasItsLine() throws {
        let outcome = try run(recipe: "local kit = require 'kit'\nlocal x = = 3\n")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("recipe.lua:2:"), "\(outcome.errors)")
    }

    @Test func unknownOptionHasItsLineAndTheNearestName() throws {
        let outcome = try run(recipe: "local kit = require 'kit'\nkit.loss.nt_xent { temprature = 0.1 }\n")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("recipe.lua:2:"), "\(outcome.errors)")
        #expect(outcome.errors.contains("did you mean 'temperature'?"), "\(outcome.errors)")
    }

    @Test func unknownKey() throws {
        let outcome = try run(recipe: "require 'kit'.recipe { batch = 4 }\n", "--set", "bach=5")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("did you mean 'batch'?"), "\(outcome.errors)")
    }

    @Test func printConfigShowsOrigins() throws {
        let recipe = "require 'kit'.recipe { batch = { 4, 'clips', from = 'paper' }, k = 2 }\nerror('not reached')\n"
        let outcome = try run(recipe: recipe, "--set", "k=3", "--print-config")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("batch = 4") && outcome.output.contains("paper-stated"), "\(outcome.output)")
        #expect(outcome.output.contains("k = 3") && outcome.output.contains("command line"), "\(outcome.output)")
    }

    @Test func absentLanguageListsTheTracks() throws {
        let recipe = """
            local kit = require 'kit'
            kit.dataset.movies { path = 'samples/movies', tracks = 'de' }
            """
        let outcome = try run(recipe: recipe)
        #expect(outcome.status == 65 || outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errors.contains("German") && outcome.errors.contains("ja (16 films)"), "\(outcome.errors)")
    }

    @Test func dataCheckJudgesTheSampleFilms() throws {
        let outcome = try Command.run(["data", "check", "samples/movies/film-001.mp4"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 file: 1 ok"), "\(outcome.output)")
    }

    @Test func aWrongInstructionSetIsWrongUsage() throws {
        let outcome = try Command.run(["doctor"], environment: ["DUBKIT_ISA": "avx52"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("dubkit: DUBKIT_ISA: unknown instruction set 'avx52'"), "\(outcome.errors)")
        #expect(try Command.run(["help", "loss"], environment: ["DUBKIT_ISA": ""]).status == 0)
        #expect(try Command.run(["help", "loss"], environment: ["DUBKIT_ISA": "baseline"]).status == 0)
    }

    @Test func promptPrintsValuesAndGoesOnAfterErrors() throws {
        let outcome = try Command.run(["repl"], input: "1 + 1\nkit.loss.nope\n'still' .. ' here'\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("2") && outcome.output.contains("still here"), "\(outcome.output)")
    }
}
