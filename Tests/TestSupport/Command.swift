import Foundation

/// The built `dubkit` command, run as a user would: in the checkout, without a terminal.
public final class Command {
    public struct Outcome {
        /// The exit code, or minus the signal that ended it.
        public let status: Int32
        public let output: String
        public let errors: String
    }

    private let process = Process()
    private let input: Scratch
    private let output: Scratch
    private let errors: Scratch

    /// It is built with the tests.
    public static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("dubkit")

    /// Runs `dubkit` with these arguments to its end.
    public static func run(
        _ arguments: [String], program: URL = program, input: String = "", environment: [String: String] = [:],
        largestFile: Int? = nil, in folder: URL = Fixtures.repository
    ) throws -> Outcome {
        try Command(
            arguments, program: program, input: input, environment: environment, largestFile: largestFile, in: folder
        ).wait()
    }

    /// Runs a shell script that finds `dubkit` in its path.
    public static func shell(_ script: String, program: URL = program, in folder: URL) throws -> Outcome {
        let path = "\(program.deletingLastPathComponent().path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let shell = URL(fileURLWithPath: "/bin/sh")
        return try run(["-c", script], program: shell, environment: ["PATH": path], in: folder)
    }

    /// Starts `dubkit`.
    /// - Parameters:
    ///   - program: another copy of it, or another program.
    ///   - environment: variables to set in addition to those of the tests.
    ///   - largestFile: writing more bytes than this to a file fails, as on a full disk.
    ///   - folder: where it runs.
    public init(
        _ arguments: [String], program: URL = program, input: String = "", environment: [String: String] = [:],
        largestFile: Int? = nil, in folder: URL = Fixtures.repository
    ) throws {
        (self.input, output, errors) = (try Scratch(input), try Scratch(), try Scratch())
        if let largestFile {
            let limited = "ulimit -f \(largestFile / 512); exec \"$0\" \"$@\""
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", limited, program.path] + arguments
        } else {
            process.executableURL = program
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = self.input.handle
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try process.run()
    }

    /// Waits until the process has made a file, which says how far it is; no longer than it lives.
    public func waitForFile(_ path: String) {
        while process.isRunning, !FileManager.default.fileExists(atPath: path) { usleep(1000) }
    }

    /// Sends a signal and waits until it was taken, so that the next of its kind is not merged with it.
    public func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
        while process.isRunning, isPending(signal) { usleep(1000) }
    }

    /// Kills the processes that this one has started, and those that they have started, but not itself.
    public func killChildren() { Self.children(of: process.processIdentifier).forEach(Self.killTree) }

    /// Sends a signal to one of this process's children, if at least `count` of them are running.
    public func killOne(of count: Int, _ number: UInt64, _ signal: Int32 = SIGKILL) {
        let below = Self.children(of: process.processIdentifier)
        if below.count >= count { kill(below[Int(number)], signal) }
    }

    private static func killTree(_ id: pid_t) {
        let below = children(of: id)
        kill(id, SIGKILL)
        below.forEach(killTree)
    }

    private static func children(of id: pid_t) -> [pid_t] {
        let text = (try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }

    /// Waits for the end.
    public func wait() throws -> Outcome {
        process.waitUntilExit()
        let status = process.terminationStatus
        _ = try input.takeText()
        return Outcome(
            status: process.terminationReason == .uncaughtSignal ? -status : status, output: try output.takeText(),
            errors: try errors.takeText())
    }

    private func isPending(_ signal: Int32) -> Bool {
        let path = "/proc/\(process.processIdentifier)/status"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") } ?? ""
        let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) ?? 0
        return mask >> UInt64(signal - 1) & 1 == 1
    }

    /// A file for one stream: unlike a pipe it never fills up, and never breaks.
    private struct Scratch {
        let url: URL
        let handle: FileHandle

        init(_ text: String = "") throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)")
            try Data(text.utf8).write(to: url)
            handle = try FileHandle(forUpdating: url)
        }

        func takeText() throws -> String {
            try handle.close()
            defer { try? FileManager.default.removeItem(at: url) }
            return String(decoding: try Data(contentsOf: url), as: UTF8.self)
        }
    }
}
