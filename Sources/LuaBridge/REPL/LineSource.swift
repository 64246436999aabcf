import Glibc
import Kit

/// Where the prompt's input comes from.
protocol LineSource {
    /// Reads one chunk, as many lines as it takes until `isComplete` says so.
    func read(until isComplete: (String) -> Bool) -> PromptInput
}

enum PromptInput: Equatable {
    case chunk(String)
    /// Ctrl-C: what was typed is forgotten.
    case interrupted
    case end
}

/// Lines without any editing: from a pipe, a file or a terminal that can do nothing.
struct PlainLines: LineSource {
    /// Whether somebody sits there: then a sign asks for each line.
    let hasSign: Bool

    func read(until isComplete: (String) -> Bool) -> PromptInput {
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
            // What was begun is evaluated, which says what it lacks.
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
