import Glibc
import Kit
import LuaBridge

/// Standard input, output and error of the command.
enum StandardStreams {
    /// Opens closed streams on /dev/null. Otherwise the first opened files would get their descriptors, and messages
    /// would end up in a run's metrics.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // Opens the lowest free descriptor, which is this one.
            _ = Glibc.open("/dev/null", O_RDWR)
        }
    }

    /// Prints to standard output. Throws if writing fails, since the reader would miss something.
    static func show(_ text: String, terminator: String = "\n") throws {
        errno = 0
        guard fputs(text.printable + terminator, CStreams.output) >= 0 else { throw failure() }
        try flush()
    }

    /// Throws if any earlier output was lost.
    static func flush() throws {
        errno = 0
        if fflush(CStreams.output) != 0 || ferror(CStreams.output) != 0 { throw failure() }
    }

    /// The reason of an earlier failed write may be unknown, since Lua does not record it.
    private static func failure() -> KitError {
        let (message, code) = ("cannot write to standard output", errno)
        clearerr(CStreams.output)
        return code == 0 ? KitError(.inputOutput, message) : .inputOutput(message, code)
    }

    /// Writes a message to standard error; failures are ignored.
    static func complain(_ text: String) { Terminal.standardError.write("\(text.printable)\n") }
}
