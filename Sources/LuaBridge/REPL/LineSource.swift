import Glibc
import Kit

/// The source of the prompt's input.
protocol LineSource {
    /// Reads one chunk: lines until `isComplete` returns true. Forgets earlier interrupts.
    func read(until isComplete: (String) -> Bool) -> PromptInput
}

enum PromptInput: Equatable {
    case chunk(String)
    /// Ctrl-C: the input is dropped.
    case interrupted
    case end
}

/// Lines without editing: from a pipe, a file or a dumb terminal.
struct PlainLines: LineSource {
    /// Whether input is interactive: then a prompt is shown for each line.
    let hasSign: Bool

    func read(until isComplete: (String) -> Bool) -> PromptInput {
        // A Ctrl-C that came before had nothing left to stop.
        Interrupt.clear()
        var typed: String?
        while true {
            if hasSign { print(typed == nil ? "> " : ">> ", terminator: "") }
            fflush(CStreams.output)
            switch readLine() {
            case .chunk(let line):
                let text = typed.map { "\($0)\n\(line)" } ?? line
                if isComplete(text) { return .chunk(text) }
                typed = text
            case .interrupted:
                print()
                return .interrupted
            // An unfinished chunk is evaluated, so that the error says what is missing.
            case .end: return typed.map(PromptInput.chunk) ?? .end
            }
        }
    }

    private func readLine() -> PromptInput {
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        let count = getline(&buffer, &capacity, CStreams.input)
        guard count >= 0, let buffer else {
            guard ferror(CStreams.input) != 0, errno == EINTR, Interrupt.isRequested, Signals.last != SIGTERM else {
                return .end
            }
            clearerr(CStreams.input)
            Interrupt.clear()
            return .interrupted
        }
        let text = String(decoding: UnsafeRawBufferPointer(start: buffer, count: count), as: UTF8.self)
        return .chunk(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}
