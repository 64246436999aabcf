import Glibc
import KitCore
import KitTraining

/// What pictures the terminal can show.
package enum TerminalGraphics {
    /// Nil off a terminal. `DUBKIT_GRAPHICS` (kitty, sixel, blocks, shades or none) says it outright; else the terminal's
    /// own variables do, or its answer to the question for its attributes.
    package static func form(of terminal: Terminal = .standardOutput) throws -> TerminalPicture.Form? {
        guard terminal.isInteractive else { return nil }
        if let wish = variable("DUBKIT_GRAPHICS"), !wish.isEmpty {
            let words = TerminalPicture.Form.allCases.map(\.rawValue) + ["none"]
            guard words.contains(wish) else {
                throw KitError.usage(
                    "DUBKIT_GRAPHICS must be one of \(words.joined(separator: ", ")), but is '\(wish)'"
                        + NearestName.hint(wish, in: words))
            }
            return TerminalPicture.Form(rawValue: wish)
        }
        return terminal.hasColor ? detected : .shades
    }

    private static let detected: TerminalPicture.Form = {
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

    /// Whether the terminal names sixel graphics, 4, among its attributes. Keys that were pressed meanwhile are left alone:
    /// then it is not asked.
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
