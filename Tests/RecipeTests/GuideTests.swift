import Foundation
import TestSupport
import Testing

/// Every sample of the guides and of the README runs.
///
/// A page's ```lua blocks run in order, in a folder that has the samples and scripts, and between them the ```sh blocks below
/// a comment `<!-- run -->`. A Lua program begins with the block that requires the kit; later blocks go on with it. Above it,
/// `<!-- run: OPTIONS -->` gives options to `dubkit run`, and `<!-- skip: REASON -->` leaves it out.
@Suite(.serialized) struct GuideTests {
    static var pages: [String] {
        let guides =
            (try? FileManager.default.contentsOfDirectory(atPath: "\(Fixtures.repository.path)/docs/guide")) ?? []
        return ["README.md"] + guides.filter { $0.hasSuffix(".md") }.sorted().map { "docs/guide/\($0)" }
    }

    static var firstSteps: [String] {
        let folder = "\(Fixtures.repository.path)/samples/first-steps"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func thereAreGuidesWithSamples() throws {
        #expect(Self.pages.count > 10 && Self.firstSteps.count >= 8)
        let all = try Self.pages.flatMap { try GuidePage($0).samples }
        #expect(all.count { $0.language == "lua" } >= 10)
        for skipped in all where skipped.skip != nil {
            #expect(skipped.skip!.count > 10, "line \(skipped.line): say why it is left out")
        }
    }

    @Test(arguments: pages) func samplesRun(of page: String) throws {
        let samples = try GuidePage(page).samples.filter { $0.skip == nil }
        guard !samples.isEmpty else { return }
        try inWorkplace { folder in
            for sample in samples {
                let outcome = try run(sample, of: page, in: folder)
                #expect(outcome.status == 0, "\(page), line \(sample.line): \(outcome.errors)")
            }
        }
    }

    @Test(arguments: firstSteps) func firstStepsRun(_ name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try Command.run([
                "run", "samples/first-steps/\(name)", "--runs", folder.path, "--progress", "none",
            ])
            let shown = outcome.output + outcome.errors
            #expect(outcome.status == 0 && !shown.isEmpty && !shown.contains("nil"), "\(shown)")
        }
    }

    /// A folder of its own with the repository's samples and scripts.
    private func inWorkplace(_ body: (URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["samples", "scripts"] {
                try FileManager.default.createSymbolicLink(
                    at: folder.appendingPathComponent(name),
                    withDestinationURL: Fixtures.repository.appendingPathComponent(name))
            }
            try body(folder)
        }
    }

    private func run(_ sample: GuidePage.Sample, of page: String, in folder: URL) throws -> Command.Outcome {
        if sample.language == "sh" {
            return try Command.shell("set -e\n\(sample.text)", in: folder)
        }
        // Messages then name the page and its line.
        let file = folder.appendingPathComponent(page.split(separator: "/").last! + ".lua")
        try Data(sample.text.utf8).write(to: file)
        return try Command.run(
            ["run", file.path, "--progress", "none"] + sample.options, in: folder)
    }
}

/// The samples of a page.
struct GuidePage {
    struct Sample {
        let language: String
        /// Where it begins, from 1.
        let line: Int
        /// On the lines that it has on the page.
        var text: String
        let options: [String]
        let skip: String?
    }

    let samples: [Sample]

    init(_ path: String) throws {
        let page = try String(contentsOf: Fixtures.repository.appendingPathComponent(path), encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var samples: [Sample] = []
        var begin: Int?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            guard let first = begin else {
                begin = index
                continue
            }
            begin = nil
            let language = String(lines[first].dropFirst(3))
            guard language == "lua" || language == "sh" else { continue }
            let code = lines[(first + 1)..<index].joined(separator: "\n")
            let above = first > 0 ? lines[first - 1] : ""
            func comment(_ key: String) -> String? {
                above.hasPrefix("<!-- \(key): ") && above.hasSuffix(" -->")
                    ? String(above.dropFirst("<!-- \(key): ".count).dropLast(" -->".count)) : nil
            }
            if language == "sh", above != "<!-- run -->" { continue }
            let padding = String(repeating: "\n", count: first + 1)
            if language == "lua", !code.contains("require \"kit\""),
                let last = samples.lastIndex(where: { $0.language == "lua" })
            {
                let written = samples[last].text.split(separator: "\n", omittingEmptySubsequences: false).count
                samples[last].text += String(repeating: "\n", count: first + 2 - written) + code
            } else {
                samples.append(
                    Sample(
                        language: language, line: first + 1, text: padding + code,
                        options: comment("run")?.split(separator: " ").map(String.init) ?? [], skip: comment("skip")))
            }
        }
        self.samples = samples
    }
}
