import Foundation
import KitCore

/// The log of a run: whole lines, to the terminal and to `log.txt`, and below them a progress line that is redrawn in
/// place.
public final class RunLog {
    /// How to show progress: redrawn in place on a terminal and as a line every few seconds elsewhere; always as lines;
    /// or not at all.
    public enum Progress: String, CaseIterable, Sendable { case auto, plain, none }

    /// Seconds between updates in place, and between lines.
    private static let drawInterval = 0.1
    private static let lineInterval = 5.0

    private let terminal: Terminal
    private let verbosity: Int
    private let progress: Progress
    private let now: () -> Double
    /// Takes warnings instead of the terminal; nothing else is shown then.
    private let onWarning: ((String) -> Void)?
    private var file: (any OutputFile)?
    private var drawn: String?
    private var lastDrawn = -Double.infinity
    private var lastLine = -Double.infinity
    /// The work that had a line of progress, but not yet one that says it is complete.
    private var unfinished: Set<String> = []

    /// - Parameters:
    ///   - terminal: the terminal for the lines.
    ///   - verbosity: -1 shows only warnings, 0 what matters, 1 and more everything.
    ///   - progress: how to show progress.
    ///   - now: a clock, in seconds.
    public init(
        terminal: Terminal = .standardError, verbosity: Int = 0, progress: Progress = .auto,
        now: @escaping () -> Double = { SteadyClock.now }
    ) {
        self.terminal = terminal
        self.verbosity = verbosity
        self.progress = progress
        self.now = now
        onWarning = nil
    }

    /// A log that shows nothing and hands its warnings on.
    init(silent onWarning: @escaping (String) -> Void) {
        (terminal, verbosity, progress) = (.standardError, -1, .none)
        now = { 0 }
        self.onWarning = onWarning
    }

    /// From now on, also writes everything to this file, including details, with the time of day on each line.
    public func record(to file: any OutputFile) { self.file = file }

    public func warning(_ text: String) throws {
        if let onWarning { return onWarning(text) }
        try line("warning: \(text)", shown: true, color: terminal.hasColor ? "\u{1b}[33m" : nil)
    }

    /// Warns about sources that are not used: the first five by name, the rest by number. The run's log file lists all
    /// of them.
    package func warnOfLeftOut(_ reasons: [String]) throws {
        for reason in reasons.prefix(5) { try warning("left out: \(reason)") }
        for reason in reasons.dropFirst(5) { try detail("left out: \(reason)") }
        if reasons.count > 5 { try warning("left out: \(reasons.count - 5) more") }
    }

    public func info(_ text: String) throws { try line(text, shown: verbosity >= 0) }

    public func detail(_ text: String) throws { try line(text, shown: verbosity >= 1) }

    /// Writes an error to `log.txt`. The caller that ends the program shows it on the terminal.
    func note(_ error: any Error) throws { try line("error: \(error)", shown: false) }

    /// Shows the progress of some work, at most as often as its mode allows. Work that had a line of progress gets one at
    /// its end too.
    package func show(_ line: some ProgressText) throws {
        let time = now()
        let isComplete = line.step == line.steps
        let isDue = time - lastLine >= Self.lineInterval
        if isDue || isComplete && unfinished.contains(line.subject) {
            if isDue { lastLine = time }
            if isComplete { unfinished.remove(line.subject) } else { unfinished.insert(line.subject) }
            try self.line(line.text, shown: verbosity >= 0 && progress != .none && !draws)
        }
        if draws, time - lastDrawn >= Self.drawInterval {
            lastDrawn = time
            draw(line.drawn(width: terminal.width()).printableLine)
        }
    }

    /// Moves the terminal to the start of an empty line.
    public func endProgress() {
        clearProgress()
        (lastLine, unfinished) = (-Double.infinity, [])
    }

    /// The same for a part of the work, after which progress goes on as often as before.
    func clearProgress() {
        if drawn != nil { terminal.write("\r\u{1b}[K") }
        (drawn, lastDrawn) = (nil, -Double.infinity)
    }

    /// The number of characters that a line of a table may have; nil if the log does not go to a terminal.
    var lineWidth: Int? { terminal.isInteractive ? terminal.width() : nil }

    private var draws: Bool { terminal.isInteractive && progress == .auto && verbosity >= 0 }

    private func draw(_ text: String) {
        terminal.write("\r\(text)\u{1b}[K")
        drawn = text
        isDrawing()
    }

    private func line(_ text: String, shown: Bool, color: String? = nil) throws {
        // Indents the lines of one message, so that a name with a line break does not look like another message.
        let text = text.printable.replacing("\n", with: "\n  ")
        if shown {
            let colored = color.map { "\($0)\(text)\u{1b}[0m" } ?? text
            terminal.write(drawn == nil ? "\(colored)\n" : "\r\u{1b}[K\(colored)\n")
            if let drawn { draw(drawn) }
        }
        let clock = Date().formatted(.iso8601.dateTimeSeparator(.space))
        try file?.write("\(clock) \(text)\n")
    }
}
