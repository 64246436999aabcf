import Foundation
import Kit

/// The prompt: evaluates chunks and shows their values, and runs the commands that begin with a colon or a question
/// mark.
public struct Prompt {
    private let session: PromptSession
    private let source: any LineSource

    /// - Parameters:
    ///   - prepare: called before `:run` with the recipe's file and the keys set for it.
    public init(_ state: LuaState, prepare: @escaping (String, [(key: String, text: String)]) throws -> Void) {
        let terminal = Terminal.standardOutput
        let completer = Completer(state)
        let isWatched = isatty(STDIN_FILENO) == 1
        let editor =
            isWatched && terminal.isInteractive
            ? LineEditor(history: HistoryFile(), width: terminal.width, complete: completer.complete) : nil
        source = editor ?? PlainLines(hasSign: isWatched)
        Session.current[Output.self].show = { Pager.show($0) }
        if terminal.isInteractive {
            Session.current.setDisplayWidth { Terminal.standardOutput.width() }
        }
        session = PromptSession(state, hasColor: terminal.hasColor, prepare: prepare) { Pager.show($0) }
    }

    /// Runs a recipe before the first line is read, and keeps its names. Without a terminal, whose user would see the
    /// error, it throws.
    public func start(with file: String) throws {
        let command = ":run \(file)"
        if Interrupt.isInteractive { session.enter(command) } else { try session.perform(command) }
    }

    /// Reads and evaluates until the input ends. Errors are shown, and the prompt continues.
    ///
    /// Throws `interrupted` on SIGTERM and SIGHUP.
    public func run() throws {
        while !session.isOver {
            switch source.read(until: session.isComplete) {
            case .chunk(let text): session.enter(text)
            case .interrupted: break
            case .end: session.isOver = true
            }
            if Signals.isTerminated { throw KitError(.interrupted, "terminated") }
        }
    }
}
