import Glibc
import KitCore

/// What a run needs to know of the terminal that it writes its log to.
public struct Terminal {
    /// Whether a line can be drawn again in place.
    public let isInteractive: Bool
    /// Whether warnings may be coloured.
    public let hasColor: Bool
    /// Columns and rows; asked anew each time, since windows change.
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

    /// A descriptor, as the environment wants it treated: `TERM=dumb` is not drawn on, `NO_COLOR` has no colours.
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
                    // A log that cannot be shown must not end the run: log.txt has it too.
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            })
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
