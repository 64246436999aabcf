import Foundation
import Kit

/// The state of the prompt between chunks.
package final class PromptSession {
    let state: LuaState
    let show: (String) -> Void
    let prepare: (String, [(key: String, text: String)]) throws -> Void
    /// The last run of `:run`, for `:reload`.
    var lastRun: String?
    package var isOver = false
    private let report: ErrorReport
    /// Whether `:run` has just failed in a function with variables.
    var hasFailedRun = false
    private var hasToldOfLocals = false

    package init(
        _ state: LuaState, hasColor: Bool,
        prepare: @escaping (String, [(key: String, text: String)]) throws -> Void, show: @escaping (String) -> Void
    ) {
        self.state = state
        self.prepare = prepare
        self.show = show
        report = ErrorReport(hasColor: hasColor)
        // Without it, :locals says that there is nothing to show.
        try? state.keepFailedFrames()
    }

    /// Whether a chunk can be evaluated, even if only to report its error.
    package func isComplete(_ text: String) -> Bool {
        PromptCommand.parse(text) != nil || state.isComplete(text)
    }

    /// Evaluates a chunk or runs a command, and shows the result or the error.
    package func enter(_ text: String) {
        do {
            try perform(text)
        } catch let error as KitError where error.kind == .interrupted && Interrupt.isInteractive {
            // Moves past the ^C that the terminal shows.
            show("\n\(error.message)")
        } catch let error as KitError {
            show(report.text(for: error, sources: state.source) { self.state.isWrong($0) })
            if hasFailedRun, !hasToldOfLocals {
                show("(:locals shows the variables of the functions that failed)")
                hasToldOfLocals = true
            }
            hasFailedRun = false
        } catch {
            show("\(error)")
        }
    }

    /// Evaluates a chunk or runs a command, and shows the result.
    package func perform(_ text: String) throws {
        if let command = PromptCommand.parse(text) {
            try command.run(in: self)
        } else {
            try evaluate(text)
        }
    }

    private func evaluate(_ text: String) throws {
        switch try state.evaluate(text) {
        case .values(let values): if !values.isEmpty { show(values.joined(separator: "\n")) }
        case .incomplete: throw KitError.usage("the input ended in the middle of this")
        }
    }
}
