import CEdit
import Glibc
import Kit

/// Input with libedit: editing, history and completion. A chunk of several lines is edited as a whole: Enter ends it
/// only when it is complete.
final class LineEditor: LineSource {
    private let editor: OpaquePointer
    private let entries: OpaquePointer
    private let file: HistoryFile
    private let complete: (String) -> Completion
    private let width: () -> Int
    private var isComplete: (String) -> Bool = { _ in true }
    private var wasInterrupted = false

    /// Nil if libedit cannot work with this terminal.
    init?(history file: HistoryFile, width: @escaping () -> Int, complete: @escaping (String) -> Completion) {
        // Enables letters beyond ASCII. Numbers keep their decimal point in any locale.
        setlocale(LC_CTYPE, "C.UTF-8")
        guard let editor = edit_open("dubkit") else { return nil }
        guard let entries = edit_history(editor, 10_000) else {
            el_end(editor)
            return nil
        }
        (self.editor, self.entries, self.file, self.complete, self.width) = (editor, entries, file, complete, width)
        edit_set_data(editor, Unmanaged.passUnretained(self).toOpaque())
        edit_set_prompt(editor) { _ in LineEditor.sign }
        edit_set_reader(editor) { editor, letter in LineEditor.of(editor).readKey(letter) }
        edit_set_editor(editor, "emacs")
        // Ctrl-C and Ctrl-Z are ordinary keys while a line is edited, since a signal could arrive between two keys.
        edit_set_terminal(editor, "-isig")
        bindKeys()
        el_source(editor, nil)
        for entry in file.read() { edit_remember(entries, entry) }
    }

    deinit {
        history_end(entries)
        el_end(editor)
    }

    func read(until isComplete: (String) -> Bool) -> PromptInput {
        fflush(CStreams.output)
        return withoutActuallyEscaping(isComplete) { isComplete in
            self.isComplete = isComplete
            defer { self.isComplete = { _ in true } }
            wasInterrupted = false
            // Do this before the prompt is shown: libedit does it after, and a Ctrl-D in between would not arrive as a
            // key.
            edit_prepare(editor, 1)
            // From here on Ctrl-C is a key. A signal that came before had nothing left to stop.
            Interrupt.clear()
            var count: Int32 = 0
            guard let typed = el_gets(editor, &count), count > 0 else {
                print()
                return .end
            }
            if wasInterrupted { return .interrupted }
            let text = String(cString: typed)
            let chunk = text.hasSuffix("\n") ? String(text.dropLast()) : text
            if chunk.contains(where: { !$0.isWhitespace }) {
                edit_remember(entries, chunk)
                file.append(chunk)
            }
            return .chunk(chunk)
        }
    }

    /// libedit only reads it.
    nonisolated(unsafe) private static let sign = strdup("> ")
    private static let endOfInput: UInt8 = 4

    private static func of(_ editor: OpaquePointer?) -> LineEditor {
        Unmanaged<LineEditor>.fromOpaque(edit_data(editor)).takeUnretainedValue()
    }
}

// MARK: Keys

extension LineEditor {
    /// Keys that nobody presses: our commands return one of them to trigger a command of libedit.
    private enum Following {
        static let enter = "\u{1e}"
        static let earlier = "\u{1f}"
        static let later = "\u{1d}"
    }

    private func bindKeys() {
        edit_add(editor, "kit-enter", "End the chunk, or begin a new line") { editor, _ in
            LineEditor.of(editor).enter()
        }
        edit_add(editor, "kit-complete", "Complete the word") { editor, _ in LineEditor.of(editor).completeWord() }
        edit_add(editor, "kit-forget", "Forget what was typed") { editor, _ in LineEditor.of(editor).forget() }
        edit_add(editor, "kit-suspend", "Go back to the shell") { editor, _ in LineEditor.of(editor).suspend() }
        edit_add(editor, "kit-up", "The line above, or the entry before") { editor, _ in
            LineEditor.of(editor).move(up: true)
        }
        edit_add(editor, "kit-down", "The line below, or the entry after") { editor, _ in
            LineEditor.of(editor).move(up: false)
        }
        let keys = [
            ("^^", "ed-newline"), ("^_", "ed-prev-history"), ("^]", "ed-next-history"), ("^M", "kit-enter"),
            ("^J", "kit-enter"), ("^I", "kit-complete"), ("^C", "kit-forget"), ("^Z", "kit-suspend"),
            ("^R", "em-inc-search-prev"), ("\\e[A", "kit-up"), ("\\eOA", "kit-up"), ("\\e[B", "kit-down"),
            ("\\eOB", "kit-down"), ("^P", "kit-up"), ("^N", "kit-down"), ("\\e[H", "ed-move-to-beg"),
            ("\\e[1~", "ed-move-to-beg"), ("\\eOH", "ed-move-to-beg"), ("\\e[F", "ed-move-to-end"),
            ("\\e[4~", "ed-move-to-end"), ("\\eOF", "ed-move-to-end"), ("\\e[3~", "ed-delete-next-char"),
            ("\\e[1;5C", "em-next-word"), ("\\e[1;5D", "ed-prev-word"),
        ]
        for (key, command) in keys { edit_bind(editor, key, command) }
    }

    /// The text before the cursor and after it.
    private var line: (before: String, after: String) {
        guard let line = el_line(editor)?.pointee, let start = line.buffer else { return ("", "") }
        func text(_ from: UnsafePointer<CChar>, _ to: UnsafePointer<CChar>) -> String {
            String(decoding: UnsafeRawBufferPointer(start: from, count: to - from), as: UTF8.self)
        }
        return (text(start, line.cursor), text(line.cursor, line.lastchar))
    }

    private func enter() -> UInt8 {
        let (before, after) = line
        guard isComplete(before + after) else {
            el_insertstr(editor, "\n")
            return UInt8(CC_REFRESH)
        }
        el_push(editor, Following.enter)
        return UInt8(CC_NORM)
    }

    private func completeWord() -> UInt8 {
        let (before, after) = line
        // At the beginning of a line, outside of options, there is nothing to complete, so the key indents.
        let isBlank = before.split(separator: "\n", omittingEmptySubsequences: false).last?.allSatisfy(\.isWhitespace)
        if isBlank != false, case .global = CompletionContext(before) {
            el_insertstr(editor, "  ")
            return UInt8(CC_REFRESH)
        }
        let completion = complete(before)
        if !completion.addition.isEmpty {
            el_insertstr(editor, completion.addition)
            return UInt8(CC_REFRESH)
        }
        let list = completion.list(width: width())
        guard !list.isEmpty else { return UInt8(CC_REFRESH_BEEP) }
        let below = after.count { $0 == "\n" }
        print(String(repeating: "\n", count: below + 1) + list.printable)
        edit_redraw(editor)
        return UInt8(CC_NORM)
    }

    private func forget() -> UInt8 {
        wasInterrupted = true
        el_push(editor, Following.enter)
        return UInt8(CC_NORM)
    }

    private func suspend() -> UInt8 {
        edit_prepare(editor, 0)
        print()
        fflush(CStreams.output)
        kill(0, SIGTSTP)
        edit_prepare(editor, 1)
        edit_redraw(editor)
        return UInt8(CC_NORM)
    }

    /// Moves up or down inside the chunk, then through the history.
    private func move(up: Bool) -> UInt8 {
        let (before, after) = line
        func lines(_ text: String) -> [Int] {
            text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(\.count)
        }
        let (above, below) = (lines(before), lines(after))
        let column = above.last ?? 0
        if up, above.count > 1 {
            let target = above[above.count - 2]
            el_cursor(editor, Int32(-(column + 1 + max(0, target - column))))
        } else if !up, below.count > 1 {
            el_cursor(editor, Int32(below[0] + 1 + min(column, below[1])))
        } else {
            el_push(editor, up ? Following.earlier : Following.later)
            return UInt8(CC_NORM)
        }
        return UInt8(CC_CURSOR)
    }

    /// Waits for a key: 1 for a letter, 0 at the end, -1 for an error.
    private func readKey(_ letter: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        // An ASCII character is one byte; for others, the rest must still be read.
        var bytes = Keyboard.takeBack().map { [$0] } ?? []
        if let only = bytes.first, only < 0x80 {
            letter?.pointee = wchar_t(only)
            return 1
        }
        while true {
            // Check regularly: SIGTERM may arrive right before the wait, or on another thread.
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            while poll(&input, 1, 200) == 0 { if Signals.last == SIGTERM { return 0 } }
            if Signals.last == SIGTERM { return 0 }
            var byte: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR, Signals.last != SIGTERM { continue }
            guard count > 0 else { return count < 0 && errno != EINTR ? -1 : 0 }
            // A Ctrl-D typed while a chunk ran ends a line until the terminal is taken back, and arrives as a zero.
            bytes.append(byte == 0 ? Self.endOfInput : byte)
            let length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4
            guard bytes.count == length else { continue }
            if let scalar = String(validating: bytes, as: UTF8.self)?.unicodeScalars.first {
                letter?.pointee = wchar_t(scalar.value)
                return 1
            }
            bytes = []
        }
    }
}
