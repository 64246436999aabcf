import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// `kit.evaluate.transcription` on frames that spell their symbols, or do not.
@Suite struct TranscriptionTests {
    private static let letters = ["a", "b", "c", "d"]

    /// Items of several lengths. Each symbol is heard for two frames, in noise, with a frame of noise after it.
    private static func data(_ strength: Float, count: Int = 60) throws -> (FeatureSet, [(String, [String])]) {
        var random = RandomStream(seed: 3)
        var (rows, frames): ([(String, [String])], [Int]) = ([], [])
        var values: [Float] = []
        for item in 0..<count {
            let symbols = (0..<2 + item % 4).map { _ in random.index(below: letters.count) }
            let own = Pattern.tensor("item \(item)", [symbols.count * 3, 6], -0.5, 0.5)
            for (place, symbol) in symbols.enumerated() {
                for frame in 0..<2 { own.pointer[(place * 3 + frame) * 6 + symbol] += strength }
            }
            values += own.values
            frames.append(symbols.count * 3)
            rows.append(("item \(item)", symbols.map { letters[$0] }))
        }
        let ids = rows.map(\.0)
        let set = try FeatureSet(
            view: "audio", ids: ids, films: ids, values: Tensor(values, [frames.reduce(0, +), 6]), frames: frames,
            encoder: "run")
        return (set, rows)
    }

    private static func evaluate(
        _ set: FeatureSet, _ rows: [(String, [String])], _ more: [(key: String, value: OptionValue)] = []
    ) throws -> EvaluationReport {
        let ids = rows.map(\.0)
        let options: [(key: String, value: OptionValue)] = [
            ("features", .object(set)),
            ("transcripts", .table(Options(named: rows.map { (key: $0.0, value: $0.1.optionValue) }))),
            ("train", Array(ids.prefix(ids.count * 2 / 3)).optionValue),
            ("test", Array(ids.suffix(ids.count - ids.count * 2 / 3)).optionValue), ("resamples", .int(100)),
        ]
        let kept = options.filter { option in !more.contains { $0.key == option.key } }
        let made = try PluginRegistry.shared.make(
            kind: "evaluate", name: "transcription", options: Options(named: kept + more))
        return try #require(made as? any Evaluation).evaluate()
    }

    private static func rate(_ report: EvaluationReport, _ name: String = "word_error_rate/value") throws -> Double {
        try #require(report.results.first { $0.name == name }).value
    }

    @Test(arguments: ["linear", "lstm"]) func symbolsAreReadFromFramesThatHaveThem(head: String) throws {
        let (clear, rows) = try Self.data(3)
        let options: [(key: String, value: OptionValue)] = [
            ("head", .string(head)), ("hidden", .int(24)), ("learning_rate", .number(0.02)),
        ]
        let report = try Self.evaluate(clear, rows, options)
        #expect(try Self.rate(report) < 0.1, "\(report.table)")
        #expect(try Self.rate(report, "word_error_rate/low") <= Self.rate(report, "word_error_rate/high"))
        #expect(
            report.table[0].hasPrefix("\(head) head with CTC on audio, 4 symbols, 20 test items, "), "\(report.table)")
        // The same seed gives the same figure.
        #expect(try Self.rate(Self.evaluate(clear, rows, options)) == Self.rate(report))
        let (noise, others) = try Self.data(0)
        #expect(try Self.rate(Self.evaluate(noise, others, options)) > 0.6)
    }

    /// With fewer frames than symbols need, each frame gives several outputs.
    @Test func framesExpand() throws {
        let (clear, rows) = try Self.data(3, count: 30)
        let third = try clear.ids.map { try clear.frames(of: [$0])[0] }.map { frames in
            try frames.reshaped([frames.shape[0] / 3, 18])
        }
        let set = try FeatureSet(
            view: "audio", ids: clear.ids, films: clear.films, values: Tensor.concat(third),
            frames: third.map { $0.shape[0] }, encoder: "run")
        let error = #expect(throws: KitError.self) { try Self.evaluate(set, rows) }
        #expect(
            error?.message.contains("embed an earlier layer, which has more, or set 'expand' to 2 or more") == true,
            "\(error?.message ?? "")")
        let report = try Self.evaluate(
            set, rows,
            [
                ("expand", .int(2)), ("learning_rate", .number(0.02)),
                (
                    "metric",
                    .object(
                        try PluginRegistry.shared.make(kind: "metric", name: "phone_error_rate", options: Options()))
                ),
            ])
        #expect(try Self.rate(report, "phone_error_rate/value") < 0.4, "\(report.table)")
    }

    @Test func badInputIsNamed() throws {
        let (set, rows) = try Self.data(1, count: 9)
        for (more, words) in [
            ([("train", ["item 99"].optionValue)], "option 'train': 'item 99' has no transcript"),
            (
                [("train", ["item 1"].optionValue), ("test", ["item 1"].optionValue)],
                "'item 1' is in 'train' and in 'test'"
            ),
            ([("test", [String]().optionValue)], "option 'test' is empty"),
            ([("train", ["item 1"].optionValue)], "all training items are of the film 'item 1': give 'valid' items"),
            ([("features", .object(try set.pooled(.mean)))], "has one vector for each row: embed with frames"),
        ] as [([(key: String, value: OptionValue)], String)] {
            let error = #expect(throws: KitError.self) { try Self.evaluate(set, rows, more) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        var empty = rows
        empty[2].1 = []
        let error = #expect(throws: KitError.self) { try Self.evaluate(set, empty) }
        #expect(error?.message.contains("'item 2' has an empty transcript: leave it out of 'train'") == true)
    }
}
