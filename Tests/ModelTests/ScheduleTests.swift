import Foundation
import Kit
import Plugins
import Testing

@Suite struct ScheduleTests {
    private func factors(_ name: String, _ options: [(key: String, value: OptionValue)], total: Int) throws -> [Double]
    {
        let plugin = try PluginRegistry.shared.make(kind: "schedule", name: name, options: Options(named: options))
        let schedule = try #require(plugin as? any Schedule)
        return try (0..<total).map { try schedule.factor(step: $0, of: total) }
    }

    private func expectEqual(_ given: [Double], _ expected: [Double]) {
        #expect(given.count == expected.count)
        for (a, b) in zip(given, expected) { #expect(abs(a - b) < 1e-12, "\(given), expected \(expected)") }
    }

    @Test func cosineRisesThenFalls() throws {
        let factors = try factors("cosine", [("warmup", .number(0.2)), ("minimum", .number(0.1))], total: 10)
        let wave = (0..<8).map { 0.1 + 0.9 * (1 + cos(.pi * Double($0) / 8)) / 2 }
        expectEqual(factors, [0.5, 1] + wave)
    }

    @Test func stepsFallAtTheirMilestones() throws {
        let options: [(key: String, value: OptionValue)] = [
            ("milestones", .list([.number(0.5), .number(0.8)])), ("gamma", .number(0.5)), ("warmup", .number(0.1)),
        ]
        expectEqual(try factors("step", options, total: 10), [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])
        #expect(throws: KitError.self) { try self.factors("step", [("milestones", .list([.number(1.5)]))], total: 1) }
    }

    @Test func constantStaysAfterItsWarmUp() throws {
        expectEqual(try factors("constant", [("warmup", .number(0.4))], total: 5), [0.5, 1, 1, 1, 1])
        expectEqual(try factors("constant", [], total: 3), [1, 1, 1])
    }

    @Test(arguments: ["cosine", "step", "constant"]) func everyRunLengthIsFinite(_ name: String) throws {
        for total in [1, 2, 7, 1000] {
            for warmup in [0, 0.5, 1] {
                let factors = try factors(name, [("warmup", .number(warmup))], total: total)
                #expect(factors.allSatisfy { $0 >= 0 && $0 <= 1 })
            }
        }
    }
}
