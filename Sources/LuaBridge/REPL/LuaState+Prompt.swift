import Foundation
import Kit

/// Functions of the interpreter for the prompt.
extension LuaState {
    /// The result of a chunk at the prompt.
    public enum Evaluation {
        /// The values, as the prompt shows them.
        case values([String])
        /// The text is the beginning of something longer.
        case incomplete
    }

    /// A member of a value.
    enum Members {
        case names([String])
        case object(any ScriptObject)
    }

    /// Evaluates input at the prompt: an expression, or statements, whose local names are kept. Messages call it
    /// "prompt 3".
    public func evaluate(_ text: String) throws -> Evaluation {
        let name = "prompt \(chunks.count + 1)"
        chunks[name] = text
        var result = Evaluation.values([])
        do {
            try untilStopped {
                let kept = SessionNames.kept(in: text)
                result = Self.shown(try prelude.call("evaluate", .string(text), .string("=\(name)"), .string(kept)))
            }
        } catch {
            failedChunks.insert(name)
            throw error
        }
        if case .incomplete = result { chunks[name] = nil }
        return result
    }

    /// Runs a recipe, keeps its outermost local names and shows what it returns.
    func runShown(file path: String) throws -> [String] {
        try prepare(file: path)
        var result = Evaluation.incomplete
        try untilStopped {
            let text = source(path) ?? ""
            let script = text.hasPrefix("#") ? "--" + text : text
            result = Self.shown(
                try prelude.call("run_shown", .string(path), .string(SessionNames.kept(in: script))))
        }
        if case .values(let values) = result { return values }
        return []
    }

    private static func shown(_ result: OptionValue) -> Evaluation {
        guard case .list(let values) = result else { return .incomplete }
        return .values(
            values.map {
                let text = if case .string(let text) = $0 { text } else { $0.optionText }
                return text.printable
            })
    }

    /// Whether a text can be evaluated, even if only to report its error.
    func isComplete(_ text: String) -> Bool { syntax(of: text) != "beginning" }

    /// Whether a text cannot be the beginning of a chunk.
    func isWrong(_ text: String) -> Bool { syntax(of: text) == "wrong" }

    private func syntax(of text: String) -> String {
        guard case .string(let word)? = try? prelude.call("syntax", .string(text)) else { return "wrong" }
        return word
    }

    /// The members of `a.b.c`: the keys of a table or the names of an object; for an empty path, the global names.
    func members(of path: [String]) -> Members? {
        switch try? prelude.call("members", .list(path.map(OptionValue.string))) {
        case .list(let names): .names(names.compactMap { if case .string(let name) = $0 { name } else { nil } })
        case .object(let object as any ScriptObject): .object(object)
        default: nil
        }
    }

    /// The names that `require` finds.
    var moduleNames: [String] {
        guard case .list(let names)? = try? prelude.call("loaded_names") else { return [] }
        let path = (try? prelude.call("search_path").text) ?? ""
        return Set(ModuleFiles.names(in: path) + names.map(\.text)).sorted()
    }

    /// The definitions of the session, one line per name.
    func namesDefined() throws -> String {
        let lines = try prelude.call("names_defined").text
        return lines.isEmpty ? "nothing yet" : lines
    }

    /// From now on keeps the variables of functions that an error ends, for `failedFrames`.
    func keepFailedFrames() throws {
        if let witness = prelude.function("keep_frames") { try core.setWitness(witness) }
    }

    /// The number of functions that the last error ended and that have variables.
    var failedFrameCount: Int {
        if case .int(let count)? = try? prelude.call("frame_count") { count } else { 0 }
    }

    /// These functions with their variables, innermost first.
    func failedFrames() throws -> String { try prelude.call("frames_text").text }

    /// Makes the variables of one of them, counted from 1, names of the session, and returns the names.
    func enterFailedFrame(_ number: Int) throws -> String {
        try prelude.call("enter_frame", .int(number)).text
    }

    /// Makes `require` read the modules of the session again.
    func forgetModules() throws { try prelude.call("forget_modules") }

    /// The chunks of the session that were evaluated, in order, and whether they ended with an error; one that was
    /// repeated, once.
    var history: [(text: String, hasFailed: Bool)] {
        let all = chunks.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map {
            (text: $0.value, hasFailed: failedChunks.contains($0.key))
        }
        return all.indices.filter { $0 == 0 || all[$0] != all[$0 - 1] }.map { all[$0] }
    }

    /// Whether text is statements rather than an expression.
    func isStatement(_ text: String) -> Bool { (try? core.load(text, name: "=chunk")) != nil }

    /// The text of a chunk or file by its name in messages.
    func source(_ name: String) -> String? {
        if let chunk = chunks[name] { return chunk }
        // Lua truncates long paths at the left.
        let path = name.hasPrefix("...") ? files.last { $0.hasSuffix(name.dropFirst(3)) } : name
        return path.flatMap(FileManager.default.contents).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension OptionValue {
    /// The text of a string; "" for anything else.
    var text: String { if case .string(let text) = self { text } else { "" } }
}
