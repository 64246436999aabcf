import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// `kit.evaluate.probe { ... }` on features whose classes are known to be told apart, or not.
@Suite struct ProbeEvaluationTests {
    private static let count = 120

    /// Six folds of twenty items in three classes, two items a group.
    private static func data(folds: Int = 6) throws -> LabelledDataset {
        try LabelledDataset(
            "task",
            (0..<count).map { index in
                LabelledItem(
                    id: "item \(index)", path: nil, labels: ["class \(index % 3)"], split: "fold\(index / 2 % folds)",
                    group: "group \(index / 2)")
            })
    }

    /// Features that hold the class with a strength, in noise.
    private static func features(_ strength: Float, encoder: String = "run", drop: Int = 0) throws -> FeatureSet {
        let values = Pattern.tensor("evaluation", [count, 4])
        for row in 0..<count { values.pointer[row * 4 + row % 3] += strength }
        let kept = (0..<count - drop).map { "item \($0)" }
        return try FeatureSet(
            view: "audio", ids: kept, films: kept, values: values.slice(axis: 0, 0..<kept.count), encoder: encoder)
    }

    private static func evaluate(
        _ features: [FeatureSet], probe: String = "linear", metrics: [String] = ["top1", "roc_auc"],
        _ more: [(key: String, value: OptionValue)] = []
    ) throws -> [String: Double] {
        func plugin(_ kind: String, _ name: String) throws -> OptionValue {
            .object(try PluginRegistry.shared.make(kind: kind, name: name, options: Options()))
        }
        let options: [(key: String, value: OptionValue)] = [
            ("data", .object(try data())), ("features", .list(features.map { .object($0) })),
            ("probe", try plugin("probe", probe)), ("metrics", .list(try metrics.map { try plugin("metric", $0) })),
            ("resamples", .int(200)),
        ]
        let made = try PluginRegistry.shared.make(
            kind: "evaluate", name: "probe", options: Options(named: options + more))
        let report = try #require(made as? any Evaluation).evaluate()
        #expect(report.table.count == 1 + metrics.count)
        return Dictionary(uniqueKeysWithValues: report.results)
    }

    @Test func strongFeaturesAreFoundAndNoiseIsNot() throws {
        let strong = try Self.evaluate([Self.features(3)])
        #expect(strong["top1/value"]! > 0.95 && strong["roc_auc/value"]! > 0.99 && strong["items"] == 120)
        #expect(strong["top1/low"]! <= strong["top1/value"]! && strong["top1/value"]! <= strong["top1/high"]!)
        let folds = (0..<6).map { strong["folds/fold\($0)/top1"]! }
        #expect(abs(folds.reduce(0, +) / 6 - strong["top1/value"]!) < 1e-12)
        let noise = try Self.evaluate([Self.features(0)])
        #expect(noise["top1/value"]! < 0.45 && noise["roc_auc/value"]! < 0.6, "\(noise)")
        let majority = try Self.evaluate([Self.features(3)], probe: "majority")
        #expect(majority["top1/value"]! < 0.5 && majority["roc_auc/value"] == 0.5)
    }

    @Test func sameSeedSameFigures() throws {
        let features = try Self.features(0.5)
        #expect(try Self.evaluate([features]) == Self.evaluate([features]))
        let narrow = try Self.evaluate([features], [("level", .number(0.5))])
        let wide = try Self.evaluate([features], [("level", .number(0.99))])
        #expect(narrow["top1/high"]! - narrow["top1/low"]! < wide["top1/high"]! - wide["top1/low"]!)
        #expect(try Self.evaluate([features], [("resamples", .int(0))])["top1/low"] == nil)
    }

    @Test func viewsAreSetSideBySide() throws {
        let (weak, strong) = (try Self.features(0), try Self.features(3))
        #expect(try Self.evaluate([weak, strong])["top1/value"]! > 0.95)
    }

    @Test func featuresOfOtherEncodersOrDataAreRefused() throws {
        func message(_ sets: [FeatureSet], _ metrics: [String] = ["top1"]) -> String {
            #expect(throws: KitError.self) { try Self.evaluate(sets, metrics: metrics) }?.message ?? ""
        }
        let mixed = try [Self.features(1), Self.features(1, encoder: "run 2")]
        #expect(message(mixed).contains("mixes the features of different encoders: run; run 2"))
        #expect(try message([Self.features(1, drop: 3)]).contains("3 of 120 items have no row, such as 'item 117'"))
    }
}
