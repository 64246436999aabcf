import Glibc
import KitCore

/// The properties of the terminal that a run logs to.
public struct Terminal {
    /// Whether a line can be redrawn in place.
    public let isInteractive: Bool
    /// Whether warnings may be coloured.
    public let hasColor: Bool
    /// The number of columns and rows, queried each time, since windows change.
    public let width: () -> Int
    public let height: () -> Int
    public let write: (String) -> Void

    public init(
        isInteractive: Bool, hasColor: Bool = false, width: @escaping () -> Int = { 80 },
        height: @escaping () -> Int = { 24 }, write: @escaping (String) -> Void
    ) {
        self.isInteractive = isInteractive
        self.hasColor = hasColor
        self.width = width
        self.height = height
        self.write = write
    }

    public static var standardError: Terminal { Terminal(descriptor: STDERR_FILENO) }
    public static var standardOutput: Terminal { Terminal(descriptor: STDOUT_FILENO) }

    /// The terminal of a file descriptor. `TERM=dumb` disables drawing, and `NO_COLOR` disables colours.
    private init(descriptor: Int32) {
        let isDrawable = isatty(descriptor) == 1 && Self.variable("TERM") ?? "dumb" != "dumb"
        func size() -> winsize {
            var size = winsize()
            return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? size : winsize()
        }
        self.init(
            isInteractive: isDrawable, hasColor: isDrawable && (Self.variable("NO_COLOR") ?? "").isEmpty,
            width: { size().ws_col > 0 ? Int(size().ws_col) : 80 },
            height: { size().ws_row > 0 ? Int(size().ws_row) : 24 },
            write: { text in
                var rest = Substring(text).utf8
                while !rest.isEmpty {
                    let count = Array(rest).withUnsafeBytes { bytes in
                        retried { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
                    }
                    // A log that cannot be shown must not end the run, since log.txt has it too.
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            })
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
