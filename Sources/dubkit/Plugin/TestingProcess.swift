import ArgumentParser
import Foundation
import Kit

/// `dubkit` in a separate process, which the code of a plugin may crash.
enum TestingProcess {
    /// Runs it and ends with its status. A crash is an error that says where.
    ///
    /// - Parameter arguments: returns the command for a file, to which the process writes what it is about to do: "this
    ///   crashed in that".
    static func run(_ arguments: (_ progress: String) -> [String]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (progress, errors) = (folder.appendingPathComponent("progress"), folder.appendingPathComponent("errors"))
        for file in [progress, errors] { try Data().write(to: file) }

        var process = ChildProcess(
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), arguments(progress.path))
        // Swift's runtime then writes the reason and the place.
        process.environment = ["SWIFT_BACKTRACE": "enable=yes,color=no,interactive=no,threads=crashed,cache=no"]
        let written = try FileHandle(forWritingTo: errors)
        process.standardError = written.fileDescriptor
        let ending = try process.run()
        try written.close()
        let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        guard case .signal(let signal) = ending else {
            Terminal.standardError.write(said)
            if case .exit(let status) = ending, status != 0 { throw ExitCode(status) }
            return
        }
        let crash = CrashText(said, signal: String(cString: strsignal(signal)))
        Terminal.standardError.write(crash.before)
        let place = String(decoding: try Data(contentsOf: progress), as: UTF8.self)
        throw KitError(.badData, "plugin test: \(place) (\(crash.reason))")
    }
}
