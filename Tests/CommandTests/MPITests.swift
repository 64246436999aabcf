import Foundation
import Kit
import TestSupport
import Testing

/// Training under Open MPI's launcher, as users start it. Skipped where there is no launcher.
@Suite(.serialized, .enabled(if: Launcher.isThere)) struct MPITests {
    private static let recipe = Fixtures.folder().appendingPathComponent("ranks.lua").path

    /// Starts the recipe on `ranks` ranks with one thread each.
    private static func start(_ ranks: Int, _ runs: URL, _ words: [String] = []) throws -> Command {
        try Launcher.start(ranks, ["run", recipe, "--runs", runs.path, "--progress", "plain"] + words)
    }

    /// The folder of the newest run.
    private static func folder(_ runs: URL, _ name: String = "ranks") throws -> String {
        let runs = runs.appendingPathComponent(name).path
        let names = try FileManager.default.contentsOfDirectory(atPath: runs).sorted()
        return "\(runs)/\(try #require(names.last))"
    }

    @Test func anyNumberOfProcessesTrainsTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            func train(_ ranks: Int) throws -> String {
                let runs = root.appendingPathComponent("\(ranks)")
                let outcome = try Self.start(ranks, runs, ["--shards", "4"]).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                // Only one rank prints.
                #expect(outcome.output == "trained 12 steps\n")
                return try Self.folder(runs)
            }
            let whole = try train(1)
            #expect(try String(contentsOfFile: "\(whole)/written.txt", encoding: .utf8) == "once")
            for ranks in [2, 4] { #expect(try RunFiles(train(ranks)) == RunFiles(whole), "\(ranks) ranks") }
        }
    }

    /// Accumulated gradients, groups of parameters, evaluations during training and the best weights.
    @Test func measuredTrainingsHaveTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            let recipe = Fixtures.folder().appendingPathComponent("measured.lua").path
            func train(_ ranks: Int) throws -> String {
                let runs = root.appendingPathComponent("\(ranks)")
                let words = ["run", recipe, "--runs", runs.path, "--shards", "4", "--progress", "none"]
                let outcome = try Launcher.start(ranks, words).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try Self.folder(runs, "measured")
            }
            func files(_ folder: String) throws -> [Data] {
                try ["best/latest/model.safetensors", "best/history.json", "result.json"].map {
                    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))
                }
            }
            let whole = try train(1)
            let kept = try files(whole)
            #expect(String(decoding: kept[1], as: UTF8.self).contains("4"))
            for ranks in [2, 4] {
                let other = try train(ranks)
                #expect(try RunFiles(other) == RunFiles(whole), "\(ranks) ranks")
                #expect(try files(other) == kept, "\(ranks) ranks")
            }
        }
    }

    /// Sequences without times, whose lengths differ from rank to rank.
    @Test func transcriptsTrainTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            let recipe = Fixtures.folder().appendingPathComponent("transcribed.lua").path
            func train(_ ranks: Int, shards: Int) throws -> String {
                let runs = root.appendingPathComponent("\(ranks)-\(shards)")
                let words = ["run", recipe, "--runs", runs.path, "--shards", "\(shards)", "--progress", "none"]
                let outcome = try Launcher.start(ranks, words).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try Self.folder(runs, "transcribed")
            }
            func weights(_ folder: String) throws -> [Tensor] {
                let file = try SafetensorsFile("\(folder)/latest/model.safetensors")
                return try file.names.map { try file.tensor($0) }
            }
            let whole = try train(1, shards: 4)
            for ranks in [2, 4] {
                #expect(try RunFiles(train(ranks, shards: 4)) == RunFiles(whole), "\(ranks) ranks")
            }
            // A batch in one piece gives the same result up to rounding.
            for (one, other) in zip(try weights(whole), try weights(train(1, shards: 1))) {
                #expect(relativeError(one, other) < 1e-5)
            }
        }
    }

    /// Every recipe of the kit, with each way to treat a batch.
    @Test(arguments: [
        ["simclr_dub", "k=3"], ["simclr_dub", "k=0", "chunk=1"], ["simclr_av", "k=0"], ["simclr_v2", "k=2"],
        ["audio_audio", "k=2"], ["simclr_sep", "k=2", "primary=en"],
    ])
    func recipesTrainTheSameBits(words: [String]) throws {
        try Fixtures.withTemporaryFolder { root in
            func train(_ ranks: Int) throws -> RunFiles {
                let runs = root.appendingPathComponent("\(ranks)")
                let size = ["steps=2", "batch=6", "scale=small"]
                let run = ["run", "scripts/pretrain/\(words[0]).lua", "--runs", runs.path, "--shards", "2"]
                let outcome = try Launcher.start(ranks, run + size + words.dropFirst()).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try RunFiles(try Self.folder(runs, words[0]))
            }
            let whole = try train(1)
            #expect(try train(2) == whole)
        }
    }

    /// Batches of mixtures are shared, too, and the weights are written once.
    @Test func separatorsTrainTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            var lines = ["background,speech,split"]
            for index in 0..<3 {
                try SoundFiles.write("\(root.path)/b\(index).wav", pitch: 3000 + Double(index) * 500)
                try SoundFiles.write("\(root.path)/s\(index).wav", pitch: 200 + Double(index) * 20)
                lines.append("b\(index).wav,s\(index).wav,train")
            }
            try SoundFiles.write("\(root.path)/stems.csv", text: lines.joined(separator: "\n") + "\n")
            func weights(_ ranks: Int) throws -> Data {
                let file = root.appendingPathComponent("\(ranks).safetensors")
                let keys = ["data=\(root.path)/stems.csv", "weights=\(file.path)", "steps=2", "batch=5", "seconds=0.5"]
                let run = ["run", "scripts/separate/train.lua", "--runs", "\(root.path)/\(ranks)", "--shards", "4"]
                let outcome = try Launcher.start(ranks, run + keys).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try Data(contentsOf: file)
            }
            let whole = try weights(1)
            for ranks in [2, 4] { #expect(try weights(ranks) == whole, "\(ranks) ranks") }
        }
    }

    /// Rows come in batches of three, so that one rank has nothing to do in the last round.
    @Test func featuresHaveTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            #expect(try Self.start(1, root, ["steps=1"]).wait().status == 0)
            func features(_ ranks: Int) throws -> Data {
                let out = root.appendingPathComponent("features-\(ranks)")
                let words = ["--run", "\(root.path)/ranks", "--out", out.path, "--views", "audio", "--languages", "en"]
                let outcome = try Launcher.start(ranks, ["embed", "samples/movies", "--batch", "3"] + words).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try Data(contentsOf: out.appendingPathComponent("audio.npy"))
            }
            let whole = try features(1)
            for ranks in [2, 3] { #expect(try features(ranks) == whole, "\(ranks) ranks") }
        }
    }

    /// Processes share pieces of work, each of which trains independently and may start programs.
    @Test func piecesOfWorkAreShared() throws {
        try Fixtures.withTemporaryFolder { root in
            let recipe = Fixtures.folder().appendingPathComponent("pieces.lua").path
            func weights(_ ranks: Int) throws -> [Data] {
                let runs = root.appendingPathComponent("\(ranks)")
                let words = ["--runs", runs.path, "--progress", "none", "program=\(Command.program.path)"]
                let outcome = try Launcher.start(ranks, ["run", recipe] + words).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output == "piece-piece-1\t0.001\npiece-piece-2\t0.002\npiece-piece-3\t0.004\n")
                return try (1...3).map { piece in
                    let folder = runs.appendingPathComponent("piece-piece-\(piece)")
                    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                    let run = folder.appendingPathComponent(try #require(names.first { $0.hasPrefix("2") }))
                    #expect(FileManager.default.fileExists(atPath: run.appendingPathComponent("rate.json").path))
                    return try Data(contentsOf: run.appendingPathComponent("latest/model.safetensors"))
                }
            }
            let whole = try weights(1)
            #expect(Set(whole).count == 3)
            for ranks in [2, 3] { #expect(try weights(ranks) == whole, "\(ranks) ranks") }
        }
    }

    /// An error of one rank outside `kit.train` ends all ranks, and only one rank reports it.
    @Test func anErrorOfOneRankEndsAll() throws {
        try Fixtures.withTemporaryFolder { root in
            let recipe = root.appendingPathComponent("broken.lua")
            try """
            local kit = require "kit"
            if os.getenv "OMPI_COMM_WORLD_RANK" then error "the launcher's variables are still there" end
            kit.distribute({ 1, 2 }, function(item) if item == 2 then error("item 2 is broken", 0) end end)
            """.write(to: recipe, atomically: true, encoding: .utf8)
            let outcome = try Launcher.start(2, ["run", recipe.path]).wait()
            #expect(outcome.status != 0)
            let told = outcome.errors.split(separator: "\n").filter { $0.contains("item 2 is broken") }
            #expect(told.count == 1 && told[0].contains("kit.distribute: rank 1 on "), "\(outcome.errors)")
        }
    }

    /// A rank is killed at some moment twenty times, and the run is resumed with one rank, two or four.
    @Test func killedRanksLoseNothing() throws {
        try Fixtures.withTemporaryFolder { root in
            let whole = root.appendingPathComponent("whole")
            #expect(try Self.start(1, whole, ["--shards", "4", "steps=40"]).wait().status == 0)
            let runs = root.appendingPathComponent("killed")
            var random = RandomStream(seed: 11)
            for kill in 0..<20 {
                let ranks = kill % 2 == 0 ? 2 : 4
                let process = try Self.start(ranks, runs, ["--shards", "4", "steps=40", "--resume", "auto"])
                usleep(UInt32(200_000 + random.index(below: 2_000_000)))
                process.killOne(of: ranks, UInt64(random.index(below: ranks)))
                let outcome = try process.wait()
                #expect([0, 137].contains(outcome.status), "\(outcome.errors)")
            }
            let outcome = try Self.start(2, runs, ["--shards", "4", "steps=40", "--resume", "auto"]).wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try RunFiles(try Self.folder(runs)) == RunFiles(try Self.folder(whole)))
        }
    }

    /// Any rank may be asked to stop. (Threads of the tests block signals; the launcher inherits that and does not pass
    /// them on.)
    @Test(arguments: [SIGUSR1, SIGTERM, SIGINT]) func aSignalToOneRankEndsAllWithACheckpoint(signal: Int32) throws {
        try Fixtures.withTemporaryFolder { root in
            let process = try Self.start(2, root, ["steps=100000"])
            process.waitForFile("\(root.path)/ranks")
            while try !RunStatusOf(root).hasCheckpoint { usleep(20_000) }
            process.killOne(of: 2, 1, signal)
            let outcome = try process.wait()
            #expect(outcome.status == 75, "\(outcome.errors)")
            #expect(outcome.errors.contains("which is in a checkpoint"), "\(outcome.errors)")
        }
    }

    /// A rank that hangs is detected, named and ended.
    @Test func aRankThatHangsIsNamed() throws {
        try Fixtures.withTemporaryFolder { root in
            let process = try Self.start(2, root, ["steps=100000", "--peer-timeout", "3"])
            process.waitForFile("\(root.path)/ranks")
            while try !RunStatusOf(root).hasCheckpoint { usleep(20_000) }
            process.killOne(of: 2, 1, SIGSTOP)
            let outcome = try process.wait()
            #expect(outcome.status == 75)
            #expect(outcome.errors.contains("no answer for 3 s from rank 1 on "), "\(outcome.errors)")
        }
    }

    @Test func numbersThatAreNotFiniteEndAllRanks() throws {
        try Fixtures.withTemporaryFolder { root in
            let outcome = try Self.start(2, root, ["broken=3"]).wait()
            #expect(outcome.status == 80)
            #expect(outcome.errors.contains("the loss term 'spread' is NaN"), "\(outcome.errors)")
        }
    }

    /// A machine that lacks a film is named before the first step.
    @Test func dataThatDiffersIsRefused() throws {
        try Fixtures.withTemporaryFolder { root in
            let movies = Fixtures.repository.appendingPathComponent("samples/movies")
            let films = try FileManager.default.contentsOfDirectory(at: movies, includingPropertiesForKeys: nil)
            for rank in 0..<2 {
                let folder = root.appendingPathComponent("\(rank)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                for film in films.dropFirst(rank) {
                    try FileManager.default.createSymbolicLink(
                        at: folder.appendingPathComponent(film.lastPathComponent), withDestinationURL: film)
                }
            }
            let recipe = root.appendingPathComponent("two.lua")
            try String(contentsOfFile: Self.recipe, encoding: .utf8)
                .replacing("\"samples/movies\"", with: "\"\(root.path)/\" .. os.getenv \"PLACE\"")
                .write(to: recipe, atomically: true, encoding: .utf8)
            let words = ["run", recipe.path, "--runs", "\(root.path)/runs", "--progress", "plain"]
            let outcome = try Launcher.start(words, on: [["PLACE": "0"], ["PLACE": "1"]]).wait()
            #expect(outcome.status == 78, "\(outcome.errors)")
            #expect(outcome.errors.contains("the data of rank 1 on "), "\(outcome.errors)")
        }
    }

    @Test func otherCommandsWantOneProcess() throws {
        let outcome = try Launcher.start(2, ["repl"]).wait()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("dubkit repl runs in one process, but mpirun started 2"))
    }
}

/// The progress of a run in a folder of runs.
private struct RunStatusOf {
    let hasCheckpoint: Bool

    init(_ runs: URL) throws {
        let folder = runs.appendingPathComponent("ranks").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        hasCheckpoint = names.contains { FileManager.default.fileExists(atPath: "\(folder)/\($0)/latest/state.json") }
    }
}
