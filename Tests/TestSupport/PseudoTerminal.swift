import CTerminal
import Foundation
import Kit

/// The built `dubkit` command in its own terminal, driven by keystrokes.
public final class PseudoTerminal {
    /// All that has appeared, escapes included.
    public var output: String { String(decoding: bytes, as: UTF8.self) }
    private var bytes = Data()
    /// How far it was waited for.
    private var position = 0
    private var terminal: Int32 = -1
    private var process: pid_t = 0
    private var hasClosed = false
    /// Seconds after which the command is taken to hang: more than any loaded machine takes.
    public static let patience = 900.0

    public enum Key {
        public static let enter = "\r", tab = "\t", up = "\u{1B}[A", down = "\u{1B}[B", controlA = "\u{01}"
        public static let controlC = "\u{03}", controlD = "\u{04}", controlR = "\u{12}"
    }

    /// - Parameter environment: variables to set in addition to those of the tests.
    public init(
        _ arguments: [String], program: URL = Command.program, environment: [String: String], rows: UInt16 = 24,
        columns: UInt16 = 80
    ) throws {
        let program = program.path
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        let status = terminal_start(
            program, &words, &settings, Fixtures.repository.path, rows, columns, &terminal, &process)
        guard status == 0 else { throw KitError.inputOutput("cannot start \(program) in a terminal", status) }
    }

    deinit {
        if process > 0 {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        if terminal >= 0 { close(terminal) }
    }

    /// Presses keys.
    public func type(_ keys: String) {
        var rest = Array(keys.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits until a text appears after what was waited for before; returns all up to it, or nil if it never comes.
    @discardableResult
    public func wait(for text: String, seconds: Double = PseudoTerminal.patience) -> String? {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            if let found = bytes.range(of: Data(text.utf8), in: position..<bytes.count) {
                defer { position = found.upperBound }
                return String(decoding: bytes[position..<found.upperBound], as: UTF8.self)
            }
            let left = end.timeIntervalSinceNow
            guard left > 0, read(seconds: left) else { return nil }
        }
    }

    /// Waits until the process ends: its exit code, or minus the signal that ended it.
    public func waitForEnd() -> Int32 {
        while read(seconds: PseudoTerminal.patience) {}
        // Its terminal is closed; if not, it hangs and is ended.
        if !hasClosed { kill(process, SIGKILL) }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        process = 0
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// Sends a signal as another process would.
    public func send(_ signal: Int32) { kill(process, signal) }

    private func read(seconds: Double) -> Bool {
        var poll = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, Int32(seconds * 1000)) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(terminal, &buffer, buffer.count)
        guard count > 0 else {
            hasClosed = true
            return false
        }
        bytes.append(contentsOf: buffer[..<count])
        return true
    }
}
