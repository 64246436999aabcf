import Foundation
import Kit
import TestSupport
import Testing

/// Programs that the kit starts and waits for.
@Suite(.serialized) struct ProcessTests {
    /// A compiler starts others: an interrupt ends them all.
    @Test func anInterruptEndsAProgramAndWhatItHasStarted() throws {
        try Fixtures.withTemporaryFolder { folder in
            defer { Interrupt.clear() }
            let mark = folder.appendingPathComponent("child").path
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "sleep 1000 & echo $! > '\(mark).new'; mv '\(mark).new' '\(mark)'; wait"]
            let thread = Thread {
                while !FileManager.default.fileExists(atPath: mark) { usleep(1000) }
                Interrupt.request()
            }
            thread.start()
            #expect(throws: KitError(.interrupted, "interrupted")) { try process.runToEnd() }
            #expect(!process.isRunning)
            let text = try String(contentsOfFile: mark, encoding: .utf8)
            let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            // It has got a signal that no program can block; when it goes is the system's affair.
            for _ in 0..<30_000 where kill(child, 0) == 0 && !Self.isZombie(child) { usleep(1000) }
            #expect(kill(child, 0) != 0 || Self.isZombie(child))
        }
    }

    private static func isZombie(_ id: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ") Z"
        return status.contains(") Z")
    }

    @Test func aProgramThatEndsIsWaitedFor() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exit 3"]
        try process.runToEnd()
        #expect(process.terminationStatus == 3)
    }
}
