import Foundation
import TestSupport
import Testing

/// `dubkit plugin test` on plugins whose code ends the process that it runs in.
@Suite(.serialized) struct PluginCrashTests {
    private let kit: InstalledKit
    init() throws { kit = try InstalledKit.shared.get() }

    /// A new loss with some of its text replaced.
    private func test(_ text: String, with other: String, in folder: URL) throws -> Command.Outcome {
        let place = folder.appendingPathComponent("fragile")
        _ = try kit.run(["plugin", "new", "loss", "fragile", "-o", place.path])
        let file = place.appendingPathComponent("FragileLoss.swift")
        let source = try String(contentsOf: file, encoding: .utf8)
        try #require(source.contains(text))
        try Data(source.replacing(text, with: other).utf8).write(to: file)
        return try kit.run(["plugin", "test", place.path])
    }

    @Test(arguments: [
        (
            "return (1 - similarity)", "return (1 - similarity + Float([1, 2][a.shape[0]]))", "gradients",
            "subscript.getter at FragileLoss.swift:19"
        ),
        (
            "in: 0...1000,", "in: 1000...0,", "name",
            "Range requires lowerBound <= upperBound at FragileLoss.swift:11"
        ),
        (
            "let similarity", "if a.count > 0 { fatalError(\"no such luck\") }\n        let similarity", "gradients",
            "no such luck at FragileLoss.swift:18"
        ),
    ])
    func aCrashIsAFaultWithAReason(text: String, other: String, check: String, reason: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try test(text, with: other, in: folder)
            #expect(outcome.status == 65)
            let message = "dubkit: plugin test: kit.loss.fragile crashed in the check '\(check)' ("
            #expect(outcome.errors.hasPrefix(message) && outcome.errors.contains(reason), "\(outcome.errors)")
            #expect(
                outcome.errors.hasSuffix(")\n") && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)"
            )
        }
    }

    @Test func aCrashInATestOfItsOwnComesAfterTheChecks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try test(
                "let similarity", with: "precondition(a.shape[0] != 2)\n        let similarity", in: folder)
            #expect(outcome.status == 65)
            #expect(outcome.output.contains("gradients      ok"), "\(outcome.output)")
            #expect(
                outcome.errors.hasPrefix("dubkit: plugin test: the plugin crashed in test.lua ("), "\(outcome.errors)")
        }
    }
}
