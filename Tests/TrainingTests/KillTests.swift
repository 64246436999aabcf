import Foundation
import Glibc
import Kit
import TestSupport
import Testing

/// A process that trains is killed with -9 and resumed: the run ends with the bits of one that was left alone.
@Suite(.serialized) struct KillTests {
    /// `TrainingProgram`, which is built with the tests.
    private final class Child {
        private let process = Process()
        private let output = Pipe()

        init(_ runs: URL, _ options: String...) throws {
            let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appendingPathComponent("TrainingProgram")
            try #require(
                FileManager.default.isExecutableFile(atPath: program.path),
                "there is no \(program.path): swift build -c release --product TrainingProgram")
            process.executableURL = program
            process.arguments = [runs.path] + options
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        var isRunning: Bool { process.isRunning }
        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        /// Waits for the end: the exit code, or minus the signal.
        func wait() -> (status: Int32, lines: [String]) {
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let status = process.terminationStatus
            let lines = text.split(separator: "\n").map(String.init)
            return (process.terminationReason == .uncaughtSignal ? -status : status, lines)
        }
    }

    private static func folder(in runs: URL) throws -> String {
        let tiny = runs.appendingPathComponent("tiny").path
        let name = try DiskFileSystem().names(in: tiny).last
        return "\(tiny)/\(name ?? "none")"
    }

    private static func resumed(_ runs: URL) throws -> RunFiles {
        let end = try Child(runs, "--resume").wait()
        try #require(end.status == 0)
        return try RunFiles(end.lines[0])
    }

    /// Kills inside the k-th change of a file, for thirty k spread over all that a run makes.
    @Test func killedInAFileOperation() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let whole = try Child(root.appendingPathComponent("whole")).wait()
            try #require(whole.status == 0)
            let (expected, operations) = (try RunFiles(whole.lines[0]), try #require(Int(whole.lines[1])))
            #expect(expected.metrics.count == 12 && operations > 100)
            var random = RandomStream(seed: 9)
            for part in 0..<30 {
                let k = operations * part / 30 + 1 + random.index(below: operations / 30)
                let runs = root.appendingPathComponent("killed-\(k)")
                #expect(try Child(runs, "--kill-at", "\(k)").wait().status == -SIGKILL)
                #expect(try Self.resumed(runs) == expected, "killed in operation \(k) of \(operations)")
            }
        }
    }

    /// Kills from outside as soon as some number of steps is in the metrics, twice in a row.
    @Test(arguments: [1, 2, 4, 5, 7, 8, 10, 11])
    func killedBetweenSteps(steps: Int) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let whole = try Self.resumed(root.appendingPathComponent("whole"))
            let runs = root.appendingPathComponent("killed")
            for attempt in 0..<2 {
                let child = try Child(runs, "--resume", "--pause", "0.02")
                while child.isRunning, try Self.metricsLines(runs) < min(12, steps + attempt) { usleep(500) }
                child.send(SIGKILL)
                _ = child.wait()
            }
            #expect(try Self.resumed(runs) == whole)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func signalEndsInACheckpointAndExitCode75(signal: Int32) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let whole = try Self.resumed(root.appendingPathComponent("whole"))
            let runs = root.appendingPathComponent("stopped")
            let child = try Child(runs, "--wait-in", "5")
            let waiting = runs.appendingPathComponent("waiting").path
            while child.isRunning, !FileManager.default.fileExists(atPath: waiting) { usleep(500) }
            child.send(signal)
            #expect(child.wait().status == 75)
            let folder = try Self.folder(in: runs)
            let status = try RunStatus.read(folder)
            #expect(status.state == .interrupted && status.step == 5)
            #expect(DiskFileSystem().exists("\(folder)/checkpoints/step-5/manifest.json"))
            #expect(try Self.resumed(runs) == whole)
        }
    }

    private static func metricsLines(_ runs: URL) throws -> Int {
        guard let folder = try? folder(in: runs),
            let text = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/metrics.jsonl"))
        else { return 0 }
        return text.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
    }
}
