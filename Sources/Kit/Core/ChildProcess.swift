import Foundation
import Glibc

/// Another program that the kit starts and waits for.
///
/// It counts as ended when its own process has ended. Foundation's `Process` would also wait for processes that it
/// started and that keep its files open. It runs in a process group of its own, so that an interrupt ends everything it
/// started.
public struct ChildProcess {
    /// How it ended.
    public enum Ending: Equatable, Sendable, CustomStringConvertible {
        /// With this status.
        case exit(Int32)
        /// By this signal.
        case signal(Int32)

        /// "status 3", "signal 9".
        public var description: String {
            switch self {
            case .exit(let status): "status \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    /// The program's path.
    public var program: String
    /// The arguments, without the program's name.
    public var arguments: [String]
    /// Environment variables that are added to those of this process, or replace them.
    public var environment: [String: String] = [:]
    /// Descriptors of this process that become its standard streams; nil passes on this process's own.
    public var standardInput: Int32?
    public var standardOutput: Int32?
    public var standardError: Int32?

    /// Seconds that an interrupted program has to end before it is killed.
    private static let grace = 2.0

    /// - Parameters:
    ///   - program: the program's path.
    ///   - arguments: what follows its name on the command line.
    public init(_ program: String, _ arguments: [String]) {
        (self.program, self.arguments) = (program, arguments)
    }

    /// Starts it and waits for its end.
    ///
    /// Throws a `KitError` of kind `.inputOutput` if it cannot be started. An interrupt ends the program and everything
    /// it started, and is then thrown.
    public func run() throws -> Ending {
        let child = try start()
        var status: Int32 = 0
        var asked: Double?
        while retried({ waitpid(child, &status, WNOHANG) }) == 0 {
            if let asked {
                if SteadyClock.now - asked > Self.grace { kill(-child, SIGKILL) }
            } else if Interrupt.mustStop {
                asked = SteadyClock.now
                kill(-child, SIGTERM)
            }
            usleep(10_000)
        }
        // Its own children may block the signal, because a child inherits the mask of the thread that starts it.
        if asked != nil { kill(-child, SIGKILL) }
        try Interrupt.check()
        let signal = status & 0x7f
        return signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal)
    }

    private func start() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let streams = [
            (standardInput, STDIN_FILENO), (standardOutput, STDOUT_FILENO), (standardError, STDERR_FILENO),
        ]
        for (own, its) in streams {
            if let own { posix_spawn_file_actions_adddup2(&actions, own, its) }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The program starts with no signal blocked or ignored, even if this thread blocks some.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var child: pid_t = 0
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        let code = withCStrings([program] + arguments) { words in
            withCStrings(variables.sortedByBytes()) { variables in
                posix_spawn(&child, program, &actions, &attributes, words, variables)
            }
        }
        guard code == 0 else { throw KitError.inputOutput("cannot start '\(program)'", code) }
        return child
    }
}

/// Calls `body` with the strings as C expects them: an array of pointers that ends with null.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return body(copies)
}
