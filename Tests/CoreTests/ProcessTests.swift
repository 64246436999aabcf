import Foundation
import Kit
import TestSupport
import Testing

/// Programs that the kit starts and waits for.
@Suite(.serialized, .alone("Ctrl-C")) struct ProcessTests {
    /// A compiler starts others: an interrupt ends them all.
    @Test func anInterruptEndsAProgramAndWhatItHasStarted() throws {
        try Fixtures.withTemporaryFolder { folder in
            defer { Interrupt.clear() }
            let mark = folder.appendingPathComponent("child").path
            let process = ChildProcess(
                "/bin/sh", ["-c", "sleep 1000 & echo $! > '\(mark).new'; mv '\(mark).new' '\(mark)'; wait"])
            let thread = Thread {
                while !FileManager.default.fileExists(atPath: mark) { usleep(1000) }
                Interrupt.request()
            }
            thread.start()
            #expect(throws: KitError(.interrupted, "interrupted")) { try process.run() }
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
        #expect(try ChildProcess("/bin/sh", ["-c", "exit 3"]).run() == .exit(3))
        #expect(try ChildProcess("/bin/sh", ["-c", "kill -9 $$"]).run() == .signal(SIGKILL))
        var process = ChildProcess("/bin/sh", ["-c", "test \"$COLOUR $HOME\" = \"blue $HOME\""])
        process.environment = ["COLOUR": "blue"]
        #expect(try process.run() == .exit(0))
    }

    /// Its child processes may keep its files open for any time.
    @Test func whatAProgramLeavesBehindIsNotWaitedFor() throws {
        try Fixtures.withTemporaryFolder { folder in
            let mark = folder.appendingPathComponent("child").path
            let program = ChildProcess("/bin/sh", ["-c", "sleep 100000 & echo $! > '\(mark)'; exit 4"])
            #expect(try program.run() == .exit(4))
            let text = try String(contentsOfFile: mark, encoding: .utf8)
            let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kill(child, SIGKILL) == 0, "it lives on")
        }
    }

    @Test func aProgramThatIsNotThereIsNamed() {
        #expect {
            try ChildProcess("/nowhere/at/all", []).run()
        } throws: {
            ($0 as? KitError)?.kind == .inputOutput && "\($0)".contains("cannot start '/nowhere/at/all'")
        }
    }
}
