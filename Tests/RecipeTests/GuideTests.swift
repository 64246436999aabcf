import Foundation
import TestSupport
import Testing

/// Every sample of the README, of the guides and of CONTRIBUTING runs: see `GuidePage` for how they are marked.
@Suite(.serialized) struct GuideTests {
    static var pages: [String] {
        let guides =
            (try? FileManager.default.contentsOfDirectory(atPath: "\(Fixtures.repository.path)/docs/guide")) ?? []
        return ["README.md", "CONTRIBUTING.md"]
            + guides.filter { $0.hasSuffix(".md") }.sorted().map { "docs/guide/\($0)" }
    }

    static var firstSteps: [String] {
        let folder = "\(Fixtures.repository.path)/samples/first-steps"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func thereAreGuidesWithSamples() throws {
        #expect(Self.pages.count > 10 && Self.firstSteps.count >= 8)
        let all = try Self.pages.flatMap { try GuidePage($0).samples }
        for language in ["lua", "sh", "console", "repl"] {
            #expect(all.count { $0.language == language && $0.skip == nil } >= 3, "\(language)")
        }
        for skipped in all where skipped.skip != nil {
            #expect(skipped.skip!.count > 10, "line \(skipped.line): say why it is left out")
        }
    }

    @Test(arguments: pages) func samplesRun(of page: String) throws {
        let samples = try GuidePage(page).samples.filter { $0.skip == nil }
        guard !samples.isEmpty else { return }
        let workplace = GuideWorkplace(program: try InstalledKit.shared.get().program)
        try workplace.use { folder in
            for sample in samples {
                let fault = try workplace.run(sample, of: page, in: folder)
                #expect(fault == nil, "\(page), line \(sample.line): \(fault ?? "")")
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

    @Test func transcriptsAreHeldToTheirLines() {
        let output = "a\nstep 1: 0.5 of 3\nb\n  c\n"
        #expect(GuideWorkplace.firstMissing(of: ["a", "...", "  c"], in: output) == nil)
        #expect(GuideWorkplace.firstMissing(of: ["step 1: ... of 3", "b"], in: output) == nil)
        #expect(GuideWorkplace.firstMissing(of: ["b", "a"], in: output) == "a")
        #expect(GuideWorkplace.firstMissing(of: ["step 2: ... of 3"], in: output) == "step 2: ... of 3")
        #expect(GuideWorkplace.firstMissing(of: ["c"], in: output) == "c")
    }

    /// Links within the repository lead somewhere.
    @Test(
        arguments: pages + [
            "docs/architecture.md", "docs/benchmarks.md", "docs/decisions/README.md", "docs/glossary.md",
            "docs/releasing.md",
            "docs/results/README.md",
        ])
    func linksLead(from page: String) throws {
        let broken = try MarkdownLinks.broken(in: Fixtures.repository.appendingPathComponent(page))
        #expect(broken.isEmpty, "\(page): \(broken)")
    }
}
