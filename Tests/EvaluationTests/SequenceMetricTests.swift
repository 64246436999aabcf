import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Error rates of words and phones: jiwer's, by Tests/Oracle/error_rates.py.
@Suite struct SequenceMetricTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            let recognised: [String]
            let spoken: [String]
            let edits: [Int]
            let rate: Double
        }
        let cases: [Case]
    }

    private static func metric(
        _ name: String, _ options: [(key: String, value: OptionValue)] = []
    ) throws -> any SequenceMetric {
        let made = try PluginRegistry.shared.make(kind: "metric", name: name, options: Options(named: options))
        return try #require(made as? any SequenceMetric)
    }

    @Test func equalJiwers() throws {
        let data = try Data(contentsOf: Fixtures.folder().appendingPathComponent("error_rates.json"))
        let cases = try JSONDecoder().decode(Reference.self, from: data).cases
        #expect(cases.count == 6)
        for each in cases {
            for name in ["word_error_rate", "phone_error_rate"] {
                let rate = try Self.metric(name).rate(
                    each.recognised.map { .string($0) }, each.spoken.map { .string($0) })
                #expect(abs(rate - each.rate) < 1e-12)
            }
            for (index, edits) in each.edits.enumerated() {
                let (read, said) = (
                    each.recognised[index].split(separator: " "), each.spoken[index].split(separator: " ")
                )
                #expect(SequenceErrors(Array(read), Array(said)) == SequenceErrors(edits: edits, spoken: said.count))
            }
        }
    }

    @Test func optionsFoldAndLeaveOut() throws {
        let words = try Self.metric(
            "word_error_rate", [("ignore_case", .bool(true)), ("ignore_punctuation", .bool(true))])
        #expect(try words.rate([.string("the cat's HERE")], [.string("The cat's, here!")]) == 0)
        #expect(try Self.metric("word_error_rate").rate([.string("the cat")], [.string("The cat")]) == 0.5)
        let phones = try Self.metric(
            "phone_error_rate",
            [("ignore", ["sil"].optionValue), ("fold", .table(Options(named: [("ix", .string("ih"))])))])
        #expect(try phones.rate([["sil", "k", "ix"].optionValue], [.string("k ih sil t")]) == 1.0 / 3)
    }

    @Test func badInputIsNamed() throws {
        let metric = try Self.metric("word_error_rate")
        for (recognised, spoken, words) in [
            ([OptionValue.string("a")], [], "a recognised text for each of the 0 spoken ones, given 1"),
            ([.string("a")], [.string("")], "every spoken text is empty"),
            ([.number(0.5)], [.string("a")], "an item must be a text or a list of units, but is number 0.5"),
            ([.list([.bool(true)])], [.string("a")], "a unit must be a string or an integer, but is boolean true"),
        ] as [([OptionValue], [OptionValue], String)] {
            let error = #expect(throws: KitError.self) { try metric.rate(recognised, spoken) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
