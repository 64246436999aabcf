import Foundation
import TestSupport
import Testing

/// The table of tensor operations in docs/guide/plugins.md: both columns of a row give the same values.
struct LuaToSwiftTests {
    /// The pairs of expressions, from left and right.
    private static func pairs() throws -> [(lua: String, swift: String)] {
        let page = try String(
            contentsOf: Fixtures.repository.appendingPathComponent("docs/guide/plugins.md"), encoding: .utf8)
        return try page.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
            let cells = row.split(separator: "|").map { $0.matches(of: #/`([^`]+)`/#).map { String($0.1) } }
            try #require(cells.count >= 2 && cells[0].count == cells[1].count, "\(row)")
            return zip(cells[0], cells[1]).map { (lua: $0, swift: $1) }
        }
    }

    @Test func bothColumnsGiveTheSame() throws {
        let (kit, pairs) = (try InstalledKit.shared.get(), try Self.pairs())
        #expect(pairs.count > 40)
        // The place of each element counts, so that another order of the same elements is another sum.
        let cases = pairs.enumerated().map { "        case \($0.offset): return try place(\($0.element.swift))" }
        let library = try kit.build(
            "phrases",
            [
                (
                    "Phrases.swift",
                    """
                    import Kit

                    @section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Phrase.self) }

                    final class Phrase: Loss {
                        static let name = "phrase"
                        static let summary = "One of the expressions of a page."
                        static let reference = "docs/guide/plugins.md"
                        @Param("Which.", from: .ours) var number: Int = 0
                        init() {}

                        func callAsFunction(_ x: Tensor, _ y: Tensor) throws -> Tensor {
                            switch number {
                    \(cases.joined(separator: "\n"))
                            default: return x
                            }
                        }

                        private func place(_ value: Tensor) throws -> Tensor {
                            let flat = try value.flattened()
                            let count = flat.shape[0]
                            return try (flat * Tensor((0..<count).map { Float($0 + 1) / Float(count) }, [count])).sum()
                        }
                    }
                    """
                )
            ])
        let checks = pairs.enumerated().map {
            "check(\($0.offset), [==[\($0.element.lua)]==], function() return \($0.element.lua) end)"
        }
        let outcome = try kit.run(
            script: """
                local x = kit.tensor.uniform { 3, 3, low = 0.2, high = 1.5, seed = 1 }
                local y = kit.tensor.uniform { 3, 3, low = 0.2, high = 1.5, seed = 2 }
                local function check(number, text, body)
                  local flat = body():reshape { -1 }
                  local places = kit.tensor.linspace { start = 1 / #flat, stop = 1, count = #flat }
                  local here, there = (flat * places):sum():item(), kit.loss.phrase { number = number } (x, y):item()
                  assert(math.abs(here - there) <= 1e-5 * math.max(1, math.abs(here)), text .. ": " .. here .. " and " .. there)
                end
                \(checks.joined(separator: "\n"))
                """, with: ["--plugin", library.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
