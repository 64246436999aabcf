import Glibc
import KitCore
import KitTraining

/// The kind of images that the terminal can show.
package enum TerminalGraphics {
    /// Nil if output is not a terminal. `DUBKIT_GRAPHICS` (kitty, sixel, blocks, shades or none) takes precedence.
    /// Otherwise the terminal's environment variables decide, or its answer to a query of its attributes.
    package static func form(of terminal: Terminal = .standardOutput) throws -> TerminalImage.Form? {
        guard terminal.isInteractive else { return nil }
        if let wish = variable("DUBKIT_GRAPHICS"), !wish.isEmpty {
            let words = TerminalImage.Form.allCases.map(\.rawValue) + ["none"]
            guard words.contains(wish) else {
                throw KitError.usage(
                    "DUBKIT_GRAPHICS must be one of \(words.joined(separator: ", ")), but is '\(wish)'"
                        + NearestName.hint(wish, in: words))
            }
            return TerminalImage.Form(rawValue: wish)
        }
        return terminal.hasColor ? detected : .shades
    }

    private static let detected: TerminalImage.Form = {
        let isMultiplexed = variable("TMUX") != nil || variable("STY") != nil
        let program = variable("TERM_PROGRAM") ?? ""
        if !isMultiplexed,
            variable("KITTY_WINDOW_ID") != nil || variable("TERM") == "xterm-kitty"
                || ["WezTerm", "ghostty"].contains(program)
        {
            return .kitty
        }
        return hasSixel ? .sixel : .blocks
    }()

    /// Whether the terminal lists sixel graphics, 4, among its attributes. It is not asked if keys are waiting to be
    /// read, which would get lost.
    private static var hasSixel: Bool {
        var before = termios()
        guard isatty(STDIN_FILENO) == 1, !isReadable(0), tcgetattr(STDIN_FILENO, &before) == 0 else { return false }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
        Terminal.standardOutput.write("\u{1B}[c")
        var answer = ""
        while answer.count < 64, isReadable(200) {
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { break }
            answer.append(Character(UnicodeScalar(byte)))
            if byte == UInt8(ascii: "c") { break }
        }
        let attributes = answer.drop { $0 != "?" }.dropFirst().dropLast().split(separator: ";")
        return attributes.contains("4")
    }

    private static func isReadable(_ milliseconds: Int32) -> Bool {
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
