import Foundation
import Kit
import TestSupport
import Testing

/// Training under Open MPI's launcher, as users start it. Skipped where there is no launcher.
@Suite(.serialized, .enabled(if: Launcher.isThere)) struct MPITests {
    private static let recipe = Fixtures.folder().appendingPathComponent("ranks.lua").path

    /// Starts the recipe on `ranks` ranks with one thread each.
    private static func start(_ ranks: Int, _ runs: URL, _ words: [String] = []) throws -> Command {
        try start(ranks, ["run", recipe, "--runs", runs.path, "--progress", "plain"] + words)
    }

    private static func start(_ ranks: Int, _ run: [String]) throws -> Command {
        let environment = [
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "DUBKIT_THREADS": "1",
        ]
        guard ranks > 1 else { return try Command(run, environment: environment) }
        return try Command(
            ["-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", Command.program.path] + run,
            program: Launcher.program, environment: environment)
    }

    /// The folder of the newest run.
    private static func folder(_ runs: URL) throws -> String {
        let runs = runs.appendingPathComponent("ranks").path
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

    /// Rows come in batches of three, so that one rank has nothing to do in the last round.
    @Test func featuresHaveTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            #expect(try Self.start(1, root, ["steps=1"]).wait().status == 0)
            func features(_ ranks: Int) throws -> Data {
                let out = root.appendingPathComponent("features-\(ranks)")
                let words = ["--run", "\(root.path)/ranks", "--out", out.path, "--views", "audio", "--languages", "en"]
                let outcome = try Self.start(ranks, ["embed", "samples/movies", "--batch", "3"] + words).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try Data(contentsOf: out.appendingPathComponent("audio.npy"))
            }
            let whole = try features(1)
            for ranks in [2, 3] { #expect(try features(ranks) == whole, "\(ranks) ranks") }
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

    @Test func otherCommandsWantOneProcess() throws {
        let outcome = try Command(
            ["-n", "2", "--oversubscribe", Command.program.path, "repl"], program: Launcher.program,
            environment: ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        ).wait()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("dubkit repl runs in one process, but mpirun started 2"))
    }
}

/// Open MPI's launcher, as Debian installs it.
private enum Launcher {
    static let program = URL(fileURLWithPath: "/usr/bin/mpirun")
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program.path) }
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
