import Glibc
import Kit
import LuaBridge

/// Standard input, output and error of the command.
enum StandardStreams {
    /// Has closed ones go nowhere. Otherwise the first files that are opened would take their places, and what is said would be
    /// written into a run's metrics.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest that is free, which is this one.
            _ = Glibc.open("/dev/null", O_RDWR)
        }
    }

    /// Prints to standard output. Throws if that cannot take it: whoever reads it would miss something.
    static func show(_ text: String, terminator: String = "\n") throws {
        errno = 0
        guard fputs(text.printable + terminator, CStreams.output) >= 0 else { throw failure() }
        try flush()
    }

    /// Throws if anything that was printed so far is lost.
    static func flush() throws {
        errno = 0
        if fflush(CStreams.output) != 0 || ferror(CStreams.output) != 0 { throw failure() }
    }

    /// Of a write whose reason may be forgotten: Lua does not ask for it.
    private static func failure() -> KitError {
        let (message, code) = ("cannot write to standard output", errno)
        clearerr(CStreams.output)
        return code == 0 ? KitError(.inputOutput, message) : .inputOutput(message, code)
    }

    /// Says something on standard error, if it can be said.
    static func complain(_ text: String) { Terminal.standardError.write("\(text.printable)\n") }
}
