import Foundation
import TestSupport

/// Where the samples of a page run: a folder with the repository's samples and scripts, and an installed kit.
final class GuideWorkplace {
    private let program: URL
    /// The input of earlier samples of the page.
    private var typed: [String] = []

    init(program: URL) { self.program = program }

    func use(_ body: (URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["samples", "scripts"] {
                try FileManager.default.createSymbolicLink(
                    at: folder.appendingPathComponent(name),
                    withDestinationURL: Fixtures.repository.appendingPathComponent(name))
            }
            try body(folder)
        }
    }

    /// Runs a sample.
    /// - Returns: what is wrong with it.
    func run(_ sample: GuidePage.Sample, of page: String, in folder: URL) throws -> String? {
        if let file = sample.file {
            let url = folder.appendingPathComponent(file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(sample.text.utf8).write(to: url)
            return nil
        }
        let lines = sample.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        switch sample.language {
        case "sh": return fault(try shell(sample.text, in: folder))
        case "console":
            return try fault(
                shell(Self.commands(in: lines, after: "$ "), in: folder), showing: Self.shown(in: lines, "$ "))
        case "repl":
            typed.append(Self.commands(in: lines, after: "> "))
            try Data((typed.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("typed.txt"))
            return fault(try shell("dubkit repl <typed.txt", in: folder), showing: Self.shown(in: lines, "> "))
        default:
            // Messages then name the page and its line.
            let file = folder.appendingPathComponent(page.split(separator: "/").last! + ".lua")
            try Data(sample.text.utf8).write(to: file)
            return fault(
                try Command.run(
                    ["run", file.path, "--progress", "none"] + sample.options, program: program, in: folder))
        }
    }

    private func shell(_ script: String, in folder: URL) throws -> Command.Outcome {
        try Command.shell("set -e\nexec 2>&1\n\(script)", program: program, in: folder)
    }

    private func fault(_ outcome: Command.Outcome, showing lines: [String] = []) -> String? {
        guard outcome.status == 0 else { return "exit \(outcome.status): \(outcome.output)\(outcome.errors)" }
        return Self.firstMissing(of: lines, in: outcome.output).map { "does not show '\($0)', but\n\(outcome.output)" }
    }

    private static func commands(in lines: [String], after prompt: String) -> String {
        lines.filter { $0.hasPrefix(prompt) }.map { String($0.dropFirst(prompt.count)) }.joined(separator: "\n")
    }

    private static func shown(in lines: [String], _ prompt: String) -> [String] {
        lines.filter { !$0.hasPrefix(prompt) && !$0.isEmpty }
    }

    /// The first of the lines that is not in the output below those before it.
    static func firstMissing(of shown: [String], in output: String) -> String? {
        var rest = output.split(separator: "\n")[...]
        for line in shown where line != "..." {
            guard let place = rest.firstIndex(where: { fits($0, line) }) else { return line }
            rest = rest[(place + 1)...]
        }
        return nil
    }

    private static func fits(_ text: Substring, _ shown: String) -> Bool {
        let parts = shown.components(separatedBy: "...")
        guard parts.count > 1 else { return text == shown }
        guard text.hasPrefix(parts[0]) else { return false }
        var rest = text.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts.last!)
    }
}
