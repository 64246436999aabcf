import Glibc
import Kit
import Synchronization

/// Shows text on standard output, with long lines broken between words. On a terminal, it shows one screenful at a
/// time, unless input is already waiting, as after pasting several lines, which would be taken as the answer.
package enum Pager {
    package static func show(_ text: String) {
        let terminal = Terminal.standardOutput
        guard terminal.isInteractive, isatty(STDIN_FILENO) == 1, !Keyboard.hasInput else {
            print(text)
            return
        }
        let (height, width) = (max(2, terminal.height() - 1), max(1, terminal.width()))
        var lines = FoldedText.fold(text, width: width).split(separator: "\n", omittingEmptySubsequences: false)[...]
        var budget = height
        while let line = lines.first {
            let rows = max(1, (line.count + width - 1) / width)
            if rows > budget, budget < height {
                guard let more = ask(lines.count, page: height) else { return }
                budget = more
                continue
            }
            print(line)
            budget -= rows
            lines.removeFirst()
        }
    }

    /// Asks whether to continue. Returns the number of rows to show next, or nil to stop.
    private static func ask(_ left: Int, page: Int) -> Int? {
        print("-- \(left) more lines: space for a page, Enter for a line, q to stop --", terminator: "")
        fflush(CStreams.output)
        let key = Keyboard.read()
        print("\r\u{1B}[K", terminator: "")
        return switch key {
        case UInt8(ascii: " "): page
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): 1
        case UInt8(ascii: "q"), UInt8(ascii: "Q"), nil: nil
        case .some(let other): stop(with: other)
        }
    }

    /// Any other key begins the next chunk, except Ctrl-C and Ctrl-D.
    private static func stop(with key: UInt8) -> Int? {
        if key != 3, key != 4 { Keyboard.handBack(key) }
        return nil
    }
}

/// Single keys, while no line is edited.
enum Keyboard {
    /// A key that was read but belongs to the next line.
    private static let handedBack = Mutex<UInt8?>(nil)

    static func handBack(_ key: UInt8) { handedBack.withLock { $0 = key } }

    /// The key that was handed back; only once.
    static func takeBack() -> UInt8? {
        handedBack.withLock { key in
            defer { key = nil }
            return key
        }
    }

    /// Whether keys are waiting to be read, including incomplete lines.
    static var hasInput: Bool {
        handedBack.withLock { $0 != nil }
            || raw {
                var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                return poll(&input, 1, 0) > 0 && input.revents & Int16(POLLIN) != 0
            }
    }

    /// The next key; nil at the end of the input. Ctrl-C is a key too.
    static func read() -> UInt8? {
        raw {
            var key: UInt8 = 0
            while true {
                let count = Glibc.read(STDIN_FILENO, &key, 1)
                if count == 1 { return key }
                if count < 0, errno == EINTR, !Signals.isTerminated { continue }
                return nil
            }
        }
    }

    /// Runs `body` while the terminal passes on every key at once and without echo.
    static func raw<Result>(_ body: () -> Result) -> Result {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return body() }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
        return body()
    }
}
