import Foundation
import TestSupport

/// The samples of a page, in order. What they are follows from the word behind the fence:
///
/// - `lua`: a recipe. It begins with the block that requires the kit; later blocks continue it.
/// - `sh`: commands that succeed.
/// - `console`: commands behind `$ `, and what they print.
/// - `repl`: the input after `> ` and the output of the prompt; a later block continues the session.
/// - any other language: not run.
///
/// In output, `...` matches anything: within a line, or any number of lines if it is alone. A comment on the line above
/// the fence says more: `<!-- run: OPTIONS -->` gives options to a recipe, `<!-- file: PATH -->` saves the block under
/// that name for the samples below and does not run it, and `<!-- skip: REASON -->` leaves it out.
struct GuidePage {
    struct Sample {
        let language: String
        /// Where it begins, from 1.
        let line: Int
        /// A recipe stands on the lines that it has on the page.
        var text: String
        let options: [String]
        let file: String?
        let skip: String?
    }

    private static let runnable: Set<String> = ["lua", "sh", "console", "repl"]

    private(set) var samples: [Sample] = []

    init(_ path: String) throws {
        let page = try String(contentsOf: Fixtures.repository.appendingPathComponent(path), encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var begin: Int?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            guard let first = begin else {
                begin = index
                continue
            }
            begin = nil
            add(
                lines[first + 1..<index], String(lines[first].dropFirst(3)), above: first > 0 ? lines[first - 1] : "",
                first)
        }
    }

    private mutating func add(_ lines: ArraySlice<String>, _ language: String, above: String, _ first: Int) {
        func comment(_ key: String) -> String? {
            above.hasPrefix("<!-- \(key): ") && above.hasSuffix(" -->")
                ? String(above.dropFirst("<!-- \(key): ".count).dropLast(" -->".count)) : nil
        }
        let file = comment("file")
        guard file != nil || Self.runnable.contains(language) else { return }
        let code = lines.joined(separator: "\n")
        if language == "lua", file == nil, !code.contains("require \"kit\""),
            let last = samples.lastIndex(where: { $0.language == "lua" && $0.file == nil })
        {
            let written = samples[last].text.split(separator: "\n", omittingEmptySubsequences: false).count
            samples[last].text += String(repeating: "\n", count: first + 2 - written) + code
            return
        }
        let padding = language == "lua" && file == nil ? String(repeating: "\n", count: first + 1) : ""
        samples.append(
            Sample(
                language: language, line: first + 1, text: padding + code + "\n",
                options: comment("run")?.split(separator: " ").map(String.init) ?? [], file: file, skip: comment("skip")
            ))
    }
}
