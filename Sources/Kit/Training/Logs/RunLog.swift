import Foundation
import KitCore

/// What a run says: whole lines, to the terminal and to `log.txt`, and below them a progress line that is drawn in place.
public final class RunLog {
    /// How progress is shown: drawn in place on a terminal and as a line every few seconds elsewhere, always as lines, or not.
    public enum Progress: String, CaseIterable, Sendable { case auto, plain, none }

    /// Seconds between drawings, and between lines where nothing can be drawn.
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

    /// - Parameters:
    ///   - terminal: where lines go.
    ///   - verbosity: -1 shows warnings only, 0 what matters, 1 and more all.
    ///   - progress: how progress is shown.
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

    /// From now on everything goes to this file too, details included, each line with the time of day.
    public func record(to file: any OutputFile) { self.file = file }

    public func warning(_ text: String) throws {
        if let onWarning { return onWarning(text) }
        try line("warning: \(text)", shown: true, color: terminal.hasColor ? "\u{1b}[33m" : nil)
    }

    /// Warns of sources that are not used: of the first five by name, of the rest by their number. All of them stand in the
    /// run's file.
    package func warnOfLeftOut(_ reasons: [String]) throws {
        for reason in reasons.prefix(5) { try warning("left out: \(reason)") }
        for reason in reasons.dropFirst(5) { try detail("left out: \(reason)") }
        if reasons.count > 5 { try warning("left out: \(reasons.count - 5) more") }
    }

    public func info(_ text: String) throws { try line(text, shown: verbosity >= 0) }

    public func detail(_ text: String) throws { try line(text, shown: verbosity >= 1) }

    /// Writes an error down in `log.txt`; on the terminal it is shown by whoever ends the program.
    func note(_ error: any Error) throws { try line("error: \(error)", shown: false) }

    /// Shows how far the run is, as often as the way of showing it allows.
    package func show(_ line: some ProgressText) throws {
        let time = now()
        if time - lastLine >= Self.lineInterval {
            lastLine = time
            try self.line(line.text, shown: verbosity >= 0 && progress != .none && !draws)
        }
        if draws, time - lastDrawn >= Self.drawInterval {
            lastDrawn = time
            draw(line.drawn(width: terminal.width()).printableLine)
        }
    }

    /// Leaves the terminal at the start of an empty line.
    public func endProgress() {
        if drawn != nil { terminal.write("\r\u{1b}[K") }
        drawn = nil
        (lastDrawn, lastLine) = (-Double.infinity, -Double.infinity)
    }

    private var draws: Bool { terminal.isInteractive && progress == .auto && verbosity >= 0 }

    private func draw(_ text: String) {
        terminal.write("\r\(text)\u{1b}[K")
        drawn = text
    }

    private func line(_ text: String, shown: Bool, color: String? = nil) throws {
        // The lines of one message stay together, so that a name with a line break is not taken for another message.
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
