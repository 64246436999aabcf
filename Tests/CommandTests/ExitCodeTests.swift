import Foundation
import Kit
import TestSupport
import Testing

/// The command's answers to wrong input: an exit code for each kind, and a message that names the thing.
@Suite struct ExitCodeTests {
    private func run(recipe text: String, _ more: [String] = []) throws -> Command.Outcome {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("recipe.lua")
            try Data(text.utf8).write(to: file)
            return try Command.run(["run", file.path, "--runs", folder.appendingPathComponent("runs").path] + more)
        }
    }

    @Test func versionAndHelp() throws {
        let version = try Command.run(["--version"]).output
        #expect(
            version.wholeMatch(of: /dubkit \d+\.\d+\.\d+ \((commit [0-9a-f]{12}(-dirty)?, )?build [0-9a-f]{12}\)\n/)
                != nil)
        let changes = try String(contentsOfFile: "CHANGELOG.md", encoding: .utf8)
        #expect(changes.contains("\n## \(version.split(separator: " ")[1])"))
        let help = try Command.run(["help", "loss.nt_xent"])
        #expect(help.status == 0)
        #expect(help.output.contains("temperature") && help.output.contains("inferred"))
    }

    @Test func unknownNamesAreExplained() throws {
        for (words, message) in [
            (["runn", "r.lua"], "no subcommand 'runn': did you mean 'run'? (it has: run, "),
            (["data", "chekc", "."], "no subcommand 'data chekc': did you mean 'check'? (it has: check, pack)"),
        ] {
            let outcome = try Command.run(words)
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
        let outcome = try Command.run(["help", "loss.nt_xnet"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("did you mean 'nt_xent'?"), "\(outcome.errors)")
        let other = try run(
            recipe: "local kit = require 'kit'\nkit.remove_speech { data = 'x', out = 'y', container = 'mvk', "
                + "separator = kit.separator.center {} }\n")
        #expect(other.status == 64)
        #expect(
            other.errors.contains(
                "option 'container' must be one of mp4, m4v, mkv, webm, ts, m2ts, mts, m2t, but is \"mvk\": did you mean 'mkv'?"
            ), "\(other.errors)")
    }

    /// A shell variable that was never set gives an empty word, which is not a path: neither the root nor this folder.
    @Test func emptyWordsAreRefused() throws {
        for (words, message) in [
            (["embed", "films", "--run", "run", "--out", ""], "the word after '--out' is empty"),
            (["report", "run", "--out="], "option '--out' has no value"),
            (["data", "check", ""], "argument 3 is empty"), (["docs", ""], "argument 2 is empty"),
        ] {
            let outcome = try Command.run(words)
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(words): \(outcome.errors)")
        }
        for (call, message) in [
            ("kit.write_json { path = '', value = 1 }", "the name of a file to write is empty"),
            ("kit.make_folder { path = '' }", "the name of a folder to make is empty"),
            ("kit.dataset.films { path = '' }", "the path of films is empty"),
            ("kit.remove_speech { data = '', separator = kit.separator.center {} }", "the path of films is empty"),
            ("kit.write_text { path = 'x', text = '\\xff' }", "option 'text' contains bytes that are not UTF-8"),
            ("kit.write_text { path = 'a\\0b', text = 'x' }", "the name 'a\\0b' contains a NUL character"),
            ("kit.make_folder { path = 'a\\0b' }", "the name 'a\\0b' contains a NUL character"),
        ] {
            let outcome = try run(recipe: "local kit = require 'kit'\n\(call)\n")
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(call): \(outcome.errors)")
        }
    }

    @Test func secondsOfAClipAreANumberAboveZero() throws {
        for value in ["0", "-1", "nan", "inf"] {
            let outcome = try Command.run(["data", "check", "samples/movies", "--seconds=\(value)"])
            #expect(outcome.status == 64, "\(value)")
            #expect(
                outcome.errors.contains(
                    value == "nan" ? "--seconds must be a number" : "--seconds must be 0.04 to 3600.0"),
                "\(outcome.errors)")
        }
    }

    /// Flags that set an option of a plugin say of a wrong value what the option says, before anything is opened.
    @Test(arguments: [
        ("--crops middle", "--crops must be one of centre, five, but is string \"middle\""),
        (
            "--rows clips",
            "--rows must be one of source, clip, timestamp, but is string \"clips\": did you mean 'clip'?"
        ),
        ("--hop fast", "--hop must be a number, but is string \"fast\""),
        ("--hop 99", "--hop must be 0.001 to 60.0, but is number 99.0"),
        ("--batch 0", "--batch must be 1 to 1048576, but is integer 0"),
        ("--step 2.5", "--step must be an integer, but is number 2.5"),
    ])
    func flagsAreCheckedAsOptionsAre(words: String, message: String) throws {
        let flag = words.split(separator: " ").map(String.init)
        let outcome = try Command.run(["embed", "no-films", "--run", "no-run", "--out", "no-folder"] + flag)
        #expect(outcome.status == 64 && outcome.errors == "dubkit: \(message)\n", "\(outcome.errors)")
    }

    @Test func flagsShowTheRangeAndTheDefaultOfTheirOption() throws {
        let help = try Command.run(["help", "embed"]).output.split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        for text in [
            "(values: centre, five; default: centre)", "In s. (0.001 to 60.0; default: 0.05)",
            "by default, the newest checkpoint.", "by default, one for each encoder. Separated by commas.",
        ] {
            #expect(help.contains(text), "\(text): \(help)")
        }
        #expect(try Command.run(["help", "data", "check"]).output.contains("default: 3.0"))
    }

    @Test func helpWalksTheSubcommands() throws {
        for (words, text) in [
            (["data"], "See 'dubkit help data <subcommand>'"), (["data", "check"], "USAGE: dubkit data check"),
            (["plugin", "test"], "USAGE: dubkit plugin test"), (["lua", "types"], "USAGE: dubkit lua types"),
            (["loss", "nt_xent"], "kit.loss.nt_xent { "),
        ] {
            let outcome = try Command.run(["help"] + words)
            #expect(
                outcome.status == 0 && outcome.output.contains(text), "\(words): \(outcome.output)\(outcome.errors)")
        }
        for (words, message) in [
            (["data", "chekc"], "no subcommand 'data chekc': did you mean 'check'? (it has: check, pack)"),
            (["run", "there"], "help: 'run' has no subcommands, but was given 'there'"),
            (["rnu"], "help: nothing is called 'rnu': did you mean 'run'?"),
            (["soft_cosine"], "help: nothing is called 'soft_cosine'; plugin files are loaded by --plugin"),
        ] {
            let outcome = try Command.run(["help"] + words)
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
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
        let outcome = try run(recipe: "require 'kit'.recipe { batch = 4 }\n", ["--set", "bach=5"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("did you mean 'batch'?"), "\(outcome.errors)")
    }

    @Test func keysAreSetByWordsBehindTheRecipe() throws {
        let recipe = "local cfg = require 'kit'.recipe { steps = 4, rate = 0.5 }\nprint(cfg.steps, cfg.rate)\n"
        for words in [
            ["steps=3", "rate=2"], ["--set", "steps=3", "rate=2"], ["-q", "steps=9", "steps=3", "--set", "rate=2"],
        ] {
            let outcome = try run(recipe: recipe, words)
            #expect(outcome.status == 0 && outcome.output == "3\t2.0\n", "\(outcome.output)\(outcome.errors)")
        }
        for (words, message) in [
            (["step=3"], "step=3: the recipe has no key 'step': did you mean 'steps'?"),
            (["steps=x"], "steps=x: must be an integer"),
            (["steps"], "a key of the recipe is set with key=value, but was given 'steps'"),
            (
                ["--steps", "3"],
                "run: there is no option '--steps': keys of a recipe are set with steps=3 or --set steps=3\n"
            ),
            (
                ["--steps=3"],
                "run: there is no option '--steps': keys of a recipe are set with steps=3 or --set steps=3\n"
            ),
            (
                ["--weight-decay", "-q"],
                "keys of a recipe are set with weight_decay=VALUE or --set weight_decay=VALUE\n"
            ),
            (["--dryrun"], "Did you mean '--dry-run'?"),
        ] {
            let outcome = try run(recipe: recipe, words)
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func printConfigShowsOrigins() throws {
        let recipe = "require 'kit'.recipe { batch = { 4, 'clips', from = 'paper' }, k = 2 }\nerror('not reached')\n"
        let outcome = try run(recipe: recipe, ["--set", "k=3", "--print-config"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("batch = 4") && outcome.output.contains("paper-stated"), "\(outcome.output)")
        #expect(outcome.output.contains("k = 3") && outcome.output.contains("command line"), "\(outcome.output)")
    }

    @Test func absentLanguageListsTheTracks() throws {
        let recipe = """
            local kit = require 'kit'
            kit.dataset.films { path = 'samples/movies', tracks = 'de' }
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

    @Test func memoryThatIsNotThereHasACodeOfItsOwn() throws {
        for (text, message) in [
            ("local kit = require 'kit'\nprint(kit.tensor.ones { 1 << 30, 1 << 9 })", "a float32 tensor of shape"),
            ("require 'kit'.head.mlp { 1 << 23, 1 << 23 }", "not enough memory: a tensor needs 281474976710656 bytes"),
        ] {
            let outcome = try run(recipe: text)
            #expect(outcome.status == 71 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func aWrongInstructionSetIsWrongUsage() throws {
        let outcome = try Command.run(["doctor"], environment: ["DUBKIT_ISA": "avx52"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("dubkit: DUBKIT_ISA: unknown instruction set 'avx52'"), "\(outcome.errors)")
        #expect(try Command.run(["help", "loss"], environment: ["DUBKIT_ISA": ""]).status == 0)
        #expect(try Command.run(["help", "loss"], environment: ["DUBKIT_ISA": "baseline"]).status == 0)
    }

    @Test func aMissingInstructionSetIsWrongUsage() throws {
        for (name, reason) in InstructionSet.better where !InstructionSet.available.contains(name) {
            let outcome = try Command.run(["doctor"], environment: ["DUBKIT_ISA": name])
            #expect(outcome.status == 64)
            #expect(
                outcome.errors.hasPrefix(
                    "dubkit: DUBKIT_ISA: instruction set '\(name)': \(reason) (this processor has: "),
                "\(outcome.errors)")
        }
    }

    @Test func anEmulatedInstructionSetRuns() throws {
        let outcome = try Command.run(["doctor"], environment: ["DUBKIT_ISA": "amx_bf16_emulated"])
        #expect(outcome.output.contains("amx_bf16_emulated (this processor has: "), "\(outcome.output)")
        #expect(outcome.output.contains("multiplied in tiles"))
        let usual = try Command.run(["doctor"], environment: ["DUBKIT_ISA": ""])
        #expect(!usual.output.contains("amx_bf16_emulated"))
    }

    @Test func promptPrintsValuesAndGoesOnAfterErrors() throws {
        let outcome = try Command.run(["repl"], input: "1 + 1\nkit.loss.nope\n'still' .. ' here'\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("2") && outcome.output.contains("still here"), "\(outcome.output)")
    }
}
