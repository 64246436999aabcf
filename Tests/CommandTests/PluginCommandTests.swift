import Foundation
import Kit
import TestSupport
import Testing

/// Plugins in their own files, built with an installed kit that has none of its sources.
@Suite(.serialized) struct PluginCommandTests {
    private let kit: InstalledKit
    init() throws { kit = try InstalledKit.shared.get() }

    @Test(arguments: PluginTemplate.kinds) func aNewPluginPassesItsTestsAndItsExampleRuns(kind: String) throws {
        #expect(PluginRegistry.shared.kinds.contains(kind))
        try Fixtures.withTemporaryFolder { folder in
            let place = folder.appendingPathComponent("a_new_one").path
            let new = try kit.run(["plugin", "new", kind, "fresh_and_new", "-o", place])
            #expect(new.status == 0 && new.output.contains("test.lua"), "\(new.errors)")
            let test = try kit.run(["plugin", "test", place])
            #expect(test.status == 0, "\(test.errors)\(test.output)")
            #expect(test.output.contains("kit.\(kind).fresh_and_new\n") && test.output.contains("test.lua  ok"))
            // Those that train need not do so here.
            let example = try kit.run(["run", "\(place)/example.lua", "--plugin", place, "--dry-run"])
            #expect(example.status == 0, "\(example.errors)")
        }
    }

    @Test func theSampleIsWhatANewPluginIs() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(try kit.run(["plugin", "new", "loss", "soft_cosine", "-o", folder.path]).status == 0)
            let sample = Fixtures.repository.appendingPathComponent("samples/plugin")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let texts = try [folder, sample].map {
                    try String(contentsOf: $0.appendingPathComponent(name), encoding: .utf8)
                }
                #expect(texts[0] == texts[1], "samples/plugin/\(name)")
            }
        }
    }

    @Test func wrongWishesAreExplained() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (arguments, words) in [
                (["los", "mine"], "did you mean 'loss'?"), (["loss", "MyLoss"], "snake case"),
                (["loss", "nt_xent"], "kit.loss.nt_xent exists already"),
                (["loss", "mine", "-o", "Sources"], "folder Sources exists already and is not empty"),
            ] {
                let outcome = try kit.run(["plugin", "new"] + arguments)
                #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
            }
            for command in ["build", "test"] {
                let outcome = try kit.run(["plugin", command, folder.path])
                #expect(outcome.status == 66 && outcome.errors.contains("no Swift file"), "\(outcome.errors)")
            }
            let path = ["PATH": folder.path]
            try Data().write(to: folder.appendingPathComponent("a.swift"))
            let outcome = try kit.run(["plugin", "build", folder.path], environment: path)
            #expect(outcome.status == 78 && outcome.errors.contains("no swiftc on PATH"), "\(outcome.errors)")
        }
    }

    @Test func whatAPluginOwesIsChecked() throws {
        try Fixtures.withTemporaryFolder { folder in
            let place = folder.appendingPathComponent("crooked").path
            #expect(try kit.run(["plugin", "new", "loss", "crooked", "-o", place]).status == 0)
            let file = URL(fileURLWithPath: place).appendingPathComponent("CrookedLoss.swift")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("a.l2Normalized() *", with: "a.detached().l2Normalized() *")
                .replacing("Multiplies the loss.", with: "Multiplies")
            try Data(text.utf8).write(to: file)
            let outcome = try kit.run(["plugin", "test", place])
            #expect(outcome.status == 65)
            #expect(outcome.errors == "dubkit: plugin test: faults in kit.loss.crooked\n")
            #expect(outcome.output.contains("the help of option 'scale' must be a sentence"), "\(outcome.output)")
            #expect(outcome.output.contains("no gradient reached input 'a'"), "\(outcome.output)")
            try Data("assert(1 == 2, 'one is not two')\n".utf8).write(
                to: URL(fileURLWithPath: place).appendingPathComponent("test_more.lua"))
            let own = try kit.run(["plugin", "test", place])
            #expect(own.output.contains("test_more.lua  FAULT") && own.output.contains("one is not two"))
        }
    }

    @Test func faultsInTheSourceAreShownByTheCompiler() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("import Kit\nlet x: Tensor = 5\n".utf8).write(to: folder.appendingPathComponent("Wrong.swift"))
            let outcome = try kit.run(["plugin", "build", folder.path])
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("Wrong.swift:2:17: error"), "\(outcome.errors)")
        }
    }

    @Test func foldersInAPluginsFolderAreOthers() throws {
        try Fixtures.withTemporaryFolder { folder in
            let inner = folder.appendingPathComponent("inner").path
            #expect(try kit.run(["plugin", "new", "loss", "inner_one", "-o", inner]).status == 0)
            let none = try Command.run(["plugin", "build"], program: kit.program, in: folder)
            #expect(none.status == 66)
            #expect(
                none.errors
                    == "dubkit: plugin folder . has no Swift file: give one of the folders in it, each of which is a "
                    + "plugin: inner\n", "\(none.errors)")
        }
    }

    @Test func aLibraryThatIsOlderThanItsSourceIsWarnedOf() throws {
        let library = try kit.build("aged", [("Aged.swift", try Self.text(named: "aged"))])
        let folder = library.deletingLastPathComponent().deletingLastPathComponent()
        #expect(try kit.run(["help", "aged", "--plugin", folder.path]).errors.isEmpty)
        let source = folder.appendingPathComponent("Aged.swift")
        try FileManager.default.setAttributes([.modificationDate: Date() + 10], ofItemAtPath: source.path)
        let load = "kit.plugin.load '\(folder.path)'\nkit.plugin.load '\(library.path)'"
        for outcome in [try kit.run(["help", "aged", "--plugin", folder.path]), try kit.run(script: load, with: [])] {
            #expect(outcome.status == 0)
            #expect(
                outcome.errors == "warning: plugin \(library.path) is older than \(source.path): build it again with "
                    + "'dubkit plugin build \(folder.path)'\n", "\(outcome.errors)")
        }
    }

    /// A second build waits for nobody, and what a killed one left goes with the next.
    @Test func oneProcessAtATimeBuilds() throws {
        let library = try kit.build("locked", [("Locked.swift", try Self.text(named: "locked"))])
        let place = library.deletingLastPathComponent()
        let folder = place.deletingLastPathComponent().path
        let left = place.appendingPathComponent("locked.tmp")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        try Data().write(to: left.appendingPathComponent("plugin.o"))
        var other: FileLock? = try FileLock("\(place.path)/.lock", held: "")
        let refused = try kit.run(["plugin", "build", folder])
        withExtendedLifetime(other) {}
        other = nil
        #expect(refused.status == 78)
        #expect(refused.errors == "dubkit: plugin build: another process is building \(folder)\n", "\(refused.errors)")
        #expect(try kit.run(["plugin", "build", folder]).status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["locked.so"])
    }

    @Test func twoOfOneNameAreBothNamed() throws {
        let libraries = try ["twin_a", "twin_b"].map {
            try kit.build($0, [("Twin.swift", try Self.text(named: "twin"))])
        }
        let path = libraries.map { $0.deletingLastPathComponent().deletingLastPathComponent().path }
        let outcome = try kit.run(["help", "loss"], environment: ["DUBKIT_PLUGIN_PATH": path.joined(separator: ":")])
        #expect(outcome.status == 78)
        #expect(
            outcome.errors
                == "dubkit: DUBKIT_PLUGIN_PATH: plugin \(libraries[1].path): kit.encoder.twin exists already, in "
                + "\(libraries[0].path): give one of them another name\n", "\(outcome.errors)")
    }

    @Test func aRecipeLoadsWhatLiesBesideIt() throws {
        let library = try plain()
        try Fixtures.withTemporaryFolder { folder in
            let place = folder.appendingPathComponent("recipes")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let recipe = place.appendingPathComponent("recipe.lua")
            try FileManager.default.createSymbolicLink(
                at: place.appendingPathComponent("mine.so"), withDestinationURL: library)
            func run(_ path: String) throws -> Command.Outcome {
                try Data("print(require 'kit'.plugin.load('\(path)')[1])\n".utf8).write(to: recipe)
                return try Command.run(["run", "recipes/recipe.lua"], program: kit.program, in: folder)
            }
            for path in ["mine.so", "recipes/mine.so"] {
                let outcome = try run(path)
                #expect(outcome.output == "kit.encoder.plain_copy\n", "\(outcome.errors)")
            }
            let none = try run("none.so")
            #expect(none.status == 66)
            #expect(
                none.errors.hasSuffix(
                    "kit.plugin.load: there is no none.so, neither in the current folder nor next to the recipe (recipes/none.so)\n"
                ),
                "\(none.errors)")
        }
    }

    @Test func pluginsAreFoundByPathByVariableAndFromLua() throws {
        let library = try plain()
        let folder = library.deletingLastPathComponent().deletingLastPathComponent()
        let show = "print(kit.encoder.plain_copy {}:parameter_count())"
        for path in [library.path, folder.path, folder.deletingLastPathComponent().path] {
            #expect(try kit.run(script: show, with: ["--plugin", path]).status == 0)
            let outcome = try kit.run(["help", "plain_copy"], environment: ["DUBKIT_PLUGIN_PATH": path])
            #expect(outcome.status == 0 && outcome.output.hasPrefix("kit.encoder.plain_copy"), "\(outcome.errors)")
        }
        let load = "print(kit.plugin.load('\(library.path)')[1])\nkit.plugin.load '\(folder.path)'\n\(show)"
        let outcome = try kit.run(script: load, with: [])
        #expect(outcome.status == 0 && outcome.output.hasPrefix("kit.encoder.plain_copy\n"), "\(outcome.errors)")
        let list = try kit.run(["plugin", "list"], environment: ["DUBKIT_PLUGIN_PATH": library.path])
        #expect(list.output.contains("kit.encoder.plain_copy  \(library.path)"), "\(list.output)\(list.errors)")
        let none = try kit.run(["plugin", "list"]).output
        #expect(none == "no plugin files: use --plugin or DUBKIT_PLUGIN_PATH\n")
        #expect(try kit.run(["help", "plain_copy"]).status == 64)
    }

    /// A built-in plugin, built again as one in a file, answers to everything in the same words.
    @Test func aPluginInAFileIsLikeOneThatIsBuiltIn() throws {
        let library = try plain()
        let scripts = [
            "print(kit.encoder.NAME { mels = 3, channels = 1 })", "help(kit.encoder.NAME)",
            "kit.encoder.NAME { mel = 3 }",
            "kit.encoder.NAME { mels = 0 }", "kit.encoder.NAME { channels = 'two' }", "kit.encoder.NAME(1, 2)",
            "print(kit.encoder.NAME { mels = 3, channels = 1 }(kit.tensor.normal { 2, 5, 3, 1, seed = 1 }))",
            "kit.encoder.NAME {} (kit.tensor.ones { 2, 5 })",
        ]
        for script in scripts {
            let outcomes = try ["mean_log_mel", "plain_copy"].map { name in
                let outcome = try kit.run(
                    script: script.replacing("NAME", with: name),
                    with: name == "plain_copy" ? ["--plugin", library.path] : [])
                // The script's own place is another each time.
                let errors = outcome.errors.replacing(#/dubkit-[-0-9A-F]+/#, with: "")
                return [outcome.output, errors, "\(outcome.status)"].map { $0.replacing(name, with: "NAME") }
            }
            #expect(outcomes[0] == outcomes[1])
            #expect(outcomes[0][0] + outcomes[0][1] != "", "\(script) says nothing")
        }
        let help = try ["mean_log_mel", "plain_copy"].map {
            try kit.run(["help", "encoder.\($0)", "--plugin", library.path]).output.replacing($0, with: "NAME")
        }
        #expect(help[0] == help[1] && help[0].contains("Mel bands."))
        let found = try kit.run(script: "apropos 'without weights'", with: ["--plugin", library.path])
        #expect(found.output.contains("kit.encoder.plain_copy  "), "\(found.errors)")
        let types = try kit.run(["lua", "types", "--plugin", library.path])
        #expect(types.output.contains("plain_copy") && types.status == 0, "\(types.errors)")
    }

    @Test func thePromptCompletesItsNameAndItsOptions() throws {
        let library = try plain()
        try Fixtures.withTemporaryFolder { folder in
            let screen = try PseudoTerminal(
                ["repl", "--plugin", library.path], program: kit.program,
                environment: ["HOME": folder.path, "XDG_STATE_HOME": folder.path, "TERM": "xterm", "NO_COLOR": "1"])
            try #require(screen.wait(for: "> ") != nil, "\(screen.output)")
            screen.type("kit.encoder.plai\t { me\t3, ch\t1 }\r")
            #expect(screen.wait(for: "plain_copy, log-mel [batch, time, mel 3, channels 1]") != nil, "\(screen.output)")
        }
    }

    /// `encoder.mean_log_mel` under another name, in a file.
    private func plain() throws -> URL { try Self.plain.get() }

    private static let plain = Result {
        try InstalledKit.shared.get().build("plain", [("Plain.swift", try text(named: "plain_copy"))])
    }

    private static func text(named name: String) throws -> String {
        let source = Fixtures.repository.appendingPathComponent("Sources/Plugins/Encoders/MeanLogMel.swift")
        return try String(contentsOf: source, encoding: .utf8).replacing("\"mean_log_mel", with: "\"\(name)")
    }
}
