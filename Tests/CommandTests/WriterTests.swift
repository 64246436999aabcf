import Foundation
import TestSupport
import Testing

/// Every file that a recipe or a command writes, while the disk fails or the process is killed in each of its operations: it
/// is there whole or not at all, and nothing else is left.
@Suite(.serialized) struct WriterTests {
    /// A command or recipe that writes one file or one folder of files.
    struct Writer: CustomTestStringConvertible, Sendable {
        /// The file's name, in its own folder.
        let name: String
        /// A recipe with the global `out`; or the words of a command, with OUT for the path and SOUNDS for a folder.
        var recipe = ""
        var words: [String] = []
        var testDescription: String { name }

        static func sound(_ name: String) -> Writer {
            Writer(
                name: name,
                recipe: """
                    local line = kit.tensor.linspace { stop = 400, count = 20000 }:sin() * 0.5
                    local samples = kit.tensor.stack { line, line, axis = 2 }
                    kit.media.write_audio { path = out, samples = samples, sample_rate = 48000 }
                    """)
        }

        static func film(_ name: String) -> Writer {
            Writer(
                name: name,
                recipe: """
                    local film <close> = kit.media.film_writer { path = out, width = 32, height = 16, tracks = { 'en' } }
                    film:frames(kit.tensor.ones { 10, 16, 32, 3 })
                    film:audio('en', kit.tensor.zeros { 19200, 2 })
                    """)
        }

        static let all =
            ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.m4a"].map(sound) + ["a.mp4", "a.mkv"].map(film) + [
                Writer(name: "a.json", recipe: "kit.write_json { path = out, value = { top1 = 0.5 } }"),
                Writer(name: "a.md", recipe: "kit.write_text { path = out, text = ('a line\\n'):rep(200) }"),
                Writer(name: "b.wav", recipe: "kit.copy_file { from = sounds .. '/0.wav', to = out }"),
                Writer(
                    name: "event",
                    recipe: """
                        package.path = '\(Fixtures.repository.path)/samples/?.lua'
                        local task = require 'studio.hear'.task(folder, 'event', 0.5, { 'fold00', 'fold01' })
                        task:add('fold00', sounds .. '/0.wav', 'dog')
                        task:add('fold01', sounds .. '/1.wav', 'cat')
                        task:close()
                        """),
                Writer(
                    name: "study",
                    recipe: """
                        local root = '\(Fixtures.repository.path)'
                        package.path = root .. '/scripts/study/?.lua;' .. root .. '/samples/?.lua'
                        local rows = { { name = 'av', title = 'AV' } }
                        local study = { rows = rows, beside = 'av', title = 'A study' }
                        local cell = { seed = 1, seconds = 1, command = 'run', figures = { event = 0.5 } }
                        require 'results'.write(out, 'main', study, function() return { cell } end, { steps = 2 })
                        """),
                Writer(name: "a.png", recipe: "kit.plot.image(kit.tensor.ones { 9, 9 }, out)"),
                Writer(name: "a.svg", recipe: "kit.plot.image(kit.tensor.ones { 9, 9 }, out)"),
                Writer(name: "a.safetensors", recipe: "kit.encoder.small_audio { features = 8 }:save(out)"),
                Writer(
                    name: "a.jsonl",
                    recipe: "kit.add_result { path = out, variant = 'a', task = 'b', metric = 'top1', value = 1 }"),
                Writer(name: "kit.lua", words: ["lua", "types", "-o", "OUT"]),
                Writer(name: "reference", words: ["docs", "OUT"]),
                Writer(name: "packed", words: ["data", "pack", "SOUNDS", "--samples", "2", "-o", "OUT"]),
                Writer(name: "mine", words: ["plugin", "new", "loss", "mine", "-o", "OUT"]),
                Writer(
                    name: "features",
                    recipe: """
                        kit.embed { data = sounds, encoders = { audio = kit.encoder.small_audio { features = 8 } },
                          out = out, format = 'npz', batch = 1, workers = 0 }
                        """),
                Writer(
                    name: "new.mkv",
                    recipe: """
                        kit.remove_speech { data = films .. '/new.mkv', separator = kit.separator.center {}, out = folder }
                        """),
            ]

        /// A folder has several files, and those written before the fault may be there. Each of them is complete, and
        /// the same command continues. New packages have all files or none.
        var isGrowing: Bool { ["reference", "features", "event", "study"].contains(name) }
    }

    /// The files that writers read and write.
    private struct Workplace {
        let root: URL
        let writer: Writer

        init(_ root: URL, _ writer: Writer) throws {
            (self.root, self.writer) = (root, writer)
            for name in ["sounds", "films"] {
                try FileManager.default.createDirectory(at: place(name), withIntermediateDirectories: true)
            }
            for index in 0..<3 { try SoundFiles.write(place("sounds/\(index).wav").path, seconds: 0.5) }
            if writer.name == "new.mkv" {
                try FilmFiles.write(place("films/new.mkv").path, seconds: 1, languages: ["eng"])
            }
        }

        func place(_ name: String) -> URL { root.appendingPathComponent(name) }

        /// A fresh folder for the writer, and the command that writes into it.
        func start(_ name: String) throws -> (folder: URL, words: [String]) {
            let folder = place(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let out = folder.appendingPathComponent(writer.name).path
            guard writer.words.isEmpty else {
                return (folder, writer.words.map { ["OUT": out, "SOUNDS": place("sounds").path][$0] ?? $0 })
            }
            let recipe = place("\(name).lua")
            let text = """
                local kit = require 'kit'
                local out, folder = '\(out)', '\(folder.path)'
                local sounds, films = '\(place("sounds").path)', '\(place("films").path)'
                \(writer.recipe)
                """
            try Data(text.utf8).write(to: recipe)
            return (folder, ["run", recipe.path])
        }

        /// All files of a folder with their content.
        func content(_ folder: URL) throws -> [String: Data] {
            let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            return try names.reduce(into: [:]) { files, name in
                let file = folder.appendingPathComponent(name)
                let isFolder = try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
                files[name] = isFolder ? Data() : try Data(contentsOf: file)
            }
        }
    }

    private func withWorkplace(_ writer: Writer, _ body: (Workplace, [String: Data]) throws -> Void) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let workplace = try Workplace(root, writer)
            let (folder, words) = try workplace.start("whole")
            let outcome = try Command.run(words)
            try #require(outcome.status == 0, "\(outcome.errors)")
            let expected = try workplace.content(folder)
            try #require(!expected.isEmpty && !expected.keys.contains { $0.hasSuffix(".tmp") }, "\(expected.keys)")
            try body(workplace, expected)
        }
    }

    @Test(arguments: Writer.all) func everyOperationFails(writer: Writer) throws {
        try withWorkplace(writer) { workplace, expected in
            var failed: Set<String> = []
            for k in 1... {
                let (folder, words) = try workplace.start("failed-\(k)")
                let fault = k % 2 == 0 ? FileFaults.Fault.full : .inputOutput
                let (outcome, operation) = try FileFaults.run(words, fault, at: k, in: folder)
                let place: Comment = "operation \(k), \(operation ?? "none"): \(outcome.errors)"
                let left = try workplace.content(folder)
                if outcome.status == 0 {
                    // Only what is closed when all is done may be closed in vain, and a folder that is there be made in vain.
                    #expect([nil, "close", "open", "mkdir"].contains(operation), place)
                    #expect(left == expected, place)
                } else {
                    failed.insert(try #require(operation, place))
                    #expect(outcome.status == 74, place)
                    #expect(outcome.errors.contains(folder.path), place)
                    let reason = String(cString: strerror(fault == .full ? ENOSPC : EIO))
                    #expect(outcome.errors.contains(reason), place)
                    if writer.isGrowing {
                        #expect(!left.keys.contains { $0.contains(".tmp") }, place)
                        #expect(try Command.run(words).status == 0)
                        #expect(try workplace.content(folder) == expected, place)
                    } else {
                        #expect(left.isEmpty, "\(place): \(left.keys)")
                    }
                }
                guard operation != nil else { break }
            }
            #expect(failed.isSuperset(of: ["open", "write", "fsync", "close"]), "\(failed)")
            #expect(writer.name == "a.jsonl" || failed.contains("rename"), "\(failed)")
        }
    }

    /// The next process removes the leftovers of a killed one and gives the same files.
    @Test(arguments: Writer.all) func killedInEveryOperation(writer: Writer) throws {
        try withWorkplace(writer) { workplace, expected in
            for k in 1... {
                let (folder, words) = try workplace.start("killed-\(k)")
                let (outcome, operation) = try FileFaults.run(words, .kill, at: k, in: folder)
                guard let operation else { break }
                #expect(outcome.status == -SIGKILL)
                let isThere = try workplace.content(folder) == expected
                let again = try Command.run(words)
                // A finished package or folder of tar files is not written over, and of results each line is one more.
                let isRefused = isThere && ["mine", "packed"].contains(writer.name)
                #expect(again.status == (isRefused ? 64 : 0), "\(operation) \(k): \(again.errors)")
                guard !isThere || writer.name != "a.jsonl" else { continue }
                let left = try workplace.content(folder)
                #expect(left == expected, "\(operation) \(k): \(left.keys.sorted())")
            }
        }
    }

    @Test(arguments: Writer.all) func noFileMayBeLarge(writer: Writer) throws {
        try withWorkplace(writer) { workplace, expected in
            let (folder, words) = try workplace.start("limited")
            let outcome = try Command.run(words, largestFile: 512)
            let left = try workplace.content(folder)
            if outcome.status == 0 {
                #expect(left == expected)
                // The sounds of a task are links.
                #expect(writer.name == "event" || left.values.allSatisfy { $0.count <= 512 })
            } else {
                #expect(outcome.status == 74 && outcome.errors.contains(": File too large"), "\(outcome.errors)")
                #expect(writer.isGrowing || left.isEmpty, "\(left.keys)")
            }
        }
    }

    /// The target of a symbolic link is written, whether it exists or not, and the link stays.
    @Test func linksStayLinks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let files = FileManager.default
            try files.createDirectory(atPath: "\(folder.path)/far", withIntermediateDirectories: true)
            for (link, target) in [("types.lua", "near.lua"), ("near.lua", "far/types.lua")] {
                try files.createSymbolicLink(atPath: "\(folder.path)/\(link)", withDestinationPath: target)
            }
            for round in 1...2 {
                let outcome = try Command.run(["lua", "types", "-o", "\(folder.path)/types.lua"])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(try files.destinationOfSymbolicLink(atPath: "\(folder.path)/types.lua") == "near.lua")
                #expect(try files.destinationOfSymbolicLink(atPath: "\(folder.path)/near.lua") == "far/types.lua")
                #expect(try files.contentsOfDirectory(atPath: "\(folder.path)/far") == ["types.lua"], "round \(round)")
            }
        }
    }

    /// A symbolic link to a device that is always full; the device stays what it is.
    @Test func aDeviceIsWrittenInPlace() throws {
        try Fixtures.withTemporaryFolder { folder in
            let link = folder.appendingPathComponent("types.lua").path
            for (device, status) in [("/dev/full", Int32(74)), ("/dev/null", 0)] {
                try? FileManager.default.removeItem(atPath: link)
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: device)
                let outcome = try Command.run(["lua", "types", "-o", link])
                #expect(outcome.status == status, "\(outcome.errors)")
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == device)
            }
        }
    }
}
