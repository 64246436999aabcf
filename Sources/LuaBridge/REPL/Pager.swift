import Glibc
import Kit
import Synchronization

/// Shows text on standard output, a screenful at a time where somebody watches, long lines broken between words. Where
/// input waits already, as when several lines were pasted, nobody is asked: the answer would be a piece of it.
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

    /// Asks whether to go on; returns how many rows to show next, or nil to stop.
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

    /// Any other key begins the next chunk, but for Ctrl-C and Ctrl-D.
    private static func stop(with key: UInt8) -> Int? {
        if key != 3, key != 4 { Keyboard.handBack(key) }
        return nil
    }
}

/// Single keys, while no line is edited.
enum Keyboard {
    /// A key that was read and belongs to the next line.
    private static let handedBack = Mutex<UInt8?>(nil)

    static func handBack(_ key: UInt8) { handedBack.withLock { $0 = key } }

    /// The key that was handed back, once.
    static func takeBack() -> UInt8? {
        handedBack.withLock { key in
            defer { key = nil }
            return key
        }
    }

    /// Whether keys wait to be read, lines that are not complete among them.
    static var hasInput: Bool {
        handedBack.withLock { $0 != nil }
            || raw {
                var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                return poll(&input, 1, 0) > 0 && input.revents & Int16(POLLIN) != 0
            }
    }

    /// The next key as it is pressed; nil at the end of the input. Ctrl-C is a key too.
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

    /// Runs `body` while the terminal hands on every key at once and shows none.
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
