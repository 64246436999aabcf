import Foundation
import Kit

/// A command of the prompt, such as `:run`.
struct PromptCommand: Sendable {
    let name: String
    let usage: String
    let summary: String
    private let body: @Sendable (PromptSession, String) throws -> Void

    private init(
        _ name: String, _ usage: String, _ summary: String,
        _ body: @escaping @Sendable (PromptSession, String) throws -> Void
    ) {
        (self.name, self.usage, self.summary, self.body) = (name, usage, summary, body)
    }

    static let all = [
        PromptCommand("help", "", "Shows what the prompt can do.") { session, _ in session.show(overview) },
        PromptCommand(
            "run", "FILE [key=value ...]", "Runs a recipe and keeps its names, local ones too, and its result in _."
        ) { session, rest in
            try session.run(rest)
        },
        PromptCommand("reload", "[FILE]", "Runs the last recipe again, with fresh copies of its modules.") {
            session, rest in
            try session.reload(rest)
        },
        PromptCommand(
            "locals", "[N]",
            "Shows the variables of the functions that the last error ended; with a number, makes those of one of them names of the session."
        ) { session, rest in try session.locals(rest) },
        PromptCommand(
            "time", "[TIMES] EXPRESSION", "Evaluates an expression, once or several times, and shows how long it took."
        ) { session, rest in try session.time(rest) },
        PromptCommand(
            "save", "FILE",
            "Writes what was typed in this session to a Lua file, which runs as a recipe; what failed is a comment."
        ) {
            session, rest in
            try session.save(rest)
        },
        PromptCommand("who", "", "Lists the names that this session has defined.") { session, _ in
            session.show(try session.state.namesDefined())
        },
        PromptCommand("quit", "", "Ends the session, as Ctrl-D does.") { session, _ in session.isOver = true },
    ]

    /// A command with what follows it.
    struct Call {
        fileprivate let body: (PromptSession) throws -> Void
        func run(in session: PromptSession) throws { try body(session) }
    }

    /// The command that a chunk is; nil if it is Lua.
    static func parse(_ text: String) -> Call? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix("?") {
            let subject = text.dropFirst().trimmingCharacters(in: .whitespaces)
            return Call { $0.show(try $0.state.help.text(asked: subject)) }
        }
        // Two words are never Lua, unless one of them is an operator.
        if let subject = text.wholeMatch(of: #/help[ \t]+([A-Za-z_].*)/#)?.1,
            !["and", "or"].contains(subject.prefix { $0.isLetter })
        {
            return Call { $0.show(try $0.state.help.text(asked: String(subject))) }
        }
        if text.hasPrefix("!") {
            let command = text.dropFirst().trimmingCharacters(in: .whitespaces)
            return Call { try $0.shell(command) }
        }
        // Two colons begin a label in Lua.
        guard text.hasPrefix(":"), !text.hasPrefix("::") else { return nil }
        let words = text.dropFirst().parts(separatedBy: " ", maxSplits: 1)
        let rest = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
        return Call { session in
            let name = words.first ?? "help"
            guard let command = all.first(where: { $0.name == name }) else {
                let names = all.map(\.name)
                throw KitError.usage(
                    "unknown command ':\(name)'\(NearestName.hint(name, in: names)) "
                        + "(there are: \(names.map { ":\($0)" }.joined(separator: " ")))")
            }
            try command.body(session, rest)
        }
    }

    private static var overview: String {
        let rows =
            all.map { [":\($0.name) \($0.usage)", $0.summary] } + [
                [
                    "? NAME, help NAME, help(VALUE)",
                    "Shows the help of a plugin, a kind, an object, a method or a function.",
                ],
                ["? swift NAME", "Shows a declaration of the Swift API."],
                ["_", "The last value that was shown."],
                ["!COMMAND", "Runs a command of the shell."],
                ["apropos \"WORD\"", "Finds plugins, options and methods that mention it."],
                ["Tab", "Completes names, options, values, paths and the keys of a recipe, or lists them."],
                ["Ctrl-R, Up, Down", "Search and walk the history."],
                ["Ctrl-C", "Stops the current chunk but not the session. Ctrl-D ends the session."],
                [
                    "mpirun -n 4 dubkit run FILE",
                    "In a shell: trains with four processes. The prompt itself is one process.",
                ],
            ]
        return TextTable.text(rows)
    }
}

extension PromptSession {
    fileprivate func run(_ rest: String) throws {
        let words = rest.parts(separatedBy: " ")
        guard let file = words.first else { throw KitError.usage(":run expects a file: :run FILE [key=value ...]") }
        lastRun = rest
        let path = NSString(string: file).expandingTildeInPath
        try prepare(path, words.dropFirst().map(ResolvedConfiguration.parseOverride))
        let values: [String]
        do { values = try state.runShown(file: path) } catch {
            hasFailedRun = state.failedFrameCount > 0
            throw error
        }
        if !values.isEmpty { show(values.joined(separator: "\n")) }
        try Session.current.configuration.requireDeclared()
    }

    fileprivate func reload(_ rest: String) throws {
        guard let recipe = rest.isEmpty ? lastRun : rest else {
            throw KitError.usage(":reload: nothing was run yet; :run FILE runs a recipe")
        }
        try state.forgetModules()
        try run(recipe)
    }

    fileprivate func locals(_ rest: String) throws {
        let count = state.failedFrameCount
        guard count > 0 else { throw KitError.usage(":locals: no function with variables has failed yet") }
        guard !rest.isEmpty else { return show(try state.failedFrames()) }
        guard let number = Int(rest), 1...count ~= number else {
            throw KitError.usage(
                ":locals expects a number of 1 to \(count), as :locals lists them, but was given \(rest)")
        }
        show("now names of the session: \(try state.enterFailedFrame(number))")
    }

    fileprivate func time(_ text: String) throws {
        guard !text.isEmpty else { throw KitError.usage(":time expects an expression: :time EXPRESSION") }
        let words = text.parts(separatedBy: " ", maxSplits: 1)
        // In ":time 3 + 4" the number is a part of the expression.
        let isCount = words.count > 1 && !state.isWrong(words[1])
        let times = isCount ? Int(words[0]).flatMap { $0 > 0 ? $0 : nil } : nil
        let expression = times == nil ? text : words[1]
        var durations: [Double] = []
        for _ in 0..<(times ?? 1) {
            try Interrupt.check()
            let start = SteadyClock.now
            let result = try state.evaluate(expression)
            durations.append(SteadyClock.now - start)
            guard case .values(let values) = result else { throw KitError.usage(":time: the expression is unfinished") }
            if durations.count == times ?? 1, !values.isEmpty { show(values.joined(separator: "\n")) }
        }
        guard let times else { return show("took \(Self.duration(durations[0]))") }
        let sorted = durations.sorted()
        show(
            "\(times) times: median \(Self.duration(sorted[times / 2])), \(Self.duration(sorted[0])) to "
                + Self.duration(sorted[times - 1]))
    }

    fileprivate func save(_ rest: String) throws {
        guard !rest.isEmpty else { throw KitError.usage(":save expects a file: :save FILE") }
        let path = NSString(string: rest).expandingTildeInPath
        let history = state.history
        let chunks = history.map { text, hasFailed in
            if hasFailed { return "-- failed: " + text.replacingOccurrences(of: "\n", with: "\n-- ") }
            // An expression is a chunk at the prompt, but not in a file.
            return state.isStatement(text) ? text : "_ = \(text)\nprint(_)"
        }
        let text = chunks.joined(separator: "\n")
        try DiskFileSystem().replace(path, with: Data("\(text)\n".utf8))
        let failures = history.count(where: \.hasFailed)
        let note =
            failures == 0
            ? "" : ", \(failures) of them failed and \(agreeing(failures, "is a comment", "are comments"))"
        show("\(counted(history.count, "chunk"))\(note): \(path)")
    }

    fileprivate func shell(_ command: String) throws {
        guard !command.isEmpty else { throw KitError.usage("! expects a command of the shell, such as !ls") }
        let ending = try ChildProcess("/bin/sh", ["-c", command]).run()
        if ending != .exit(0) { show("\(command): \(ending)") }
    }

    private static func duration(_ seconds: Double) -> String {
        let (scale, unit) = seconds < 1e-3 ? (1e6, "µs") : seconds < 1 ? (1e3, "ms") : (1, "s")
        return String(format: "%.3g \(unit)", seconds * scale)
    }
}
