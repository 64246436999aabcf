import Foundation
import TestSupport
import Testing

/// A preloaded library that makes the k-th operation on files of a folder fail: `Fixtures/faults.c`.
struct FileFaults {
    enum Fault: String {
        case inputOutput, full, kill

        fileprivate var code: Int32 { ["inputOutput": EIO, "full": ENOSPC][rawValue] ?? 0 }
    }

    /// Built once for all tests.
    static let library = Result { try build() }

    private static func build() throws -> String {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-faults-\(getpid()).so")
        let clang = Process()
        clang.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let source = Fixtures.folder().appendingPathComponent("faults.c").path
        clang.arguments = ["clang", "-shared", "-fPIC", "-O1", "-Wno-varargs", source, "-o", place.path, "-ldl"]
        try clang.run()
        clang.waitUntilExit()
        try #require(clang.terminationStatus == 0)
        return place.path
    }

    /// Runs `dubkit` with a fault in its k-th operation on files of a folder.
    /// - Returns: what came of it, and which operation it was; nil if there are fewer.
    static func run(
        _ arguments: [String], _ fault: Fault, at k: Int, in folder: URL
    ) throws -> (outcome: Command.Outcome, operation: String?) {
        let report = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: report) }
        let outcome = try Command.run(
            arguments,
            environment: [
                "LD_PRELOAD": try library.get(), "FAULTS_FOLDER": folder.path, "FAULTS_AT": "\(k)",
                "FAULTS_ERRNO": "\(fault.code)", "FAULTS_REPORT": report.path,
            ])
        return (outcome, try? String(contentsOf: report, encoding: .utf8))
    }
}
