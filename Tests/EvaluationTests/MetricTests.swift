import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Metrics against scikit-learn: Tests/Oracle/metrics.py.
@Suite struct MetricTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            let classes: Int
            let scores: [Float]
            let labels: [Rows]
            let expected: [String: Double]
        }
        /// One class, or a list of them.
        enum Rows: Decodable {
            case one(Int)
            case several([Int])
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let one = try? value.decode(Int.self) {
                    self = .one(one)
                } else {
                    self = .several(try value.decode([Int].self))
                }
            }
            var classes: [Int] {
                switch self {
                case .one(let label): [label]
                case .several(let labels): labels
                }
            }
            var isSeveral: Bool { if case .several = self { true } else { false } }
        }
        let cases: [Case]
        let quantiles: [[Double]]
    }

    private static func reference() throws -> Reference {
        try JSONDecoder().decode(
            Reference.self, from: try Data(contentsOf: Fixtures.folder().appendingPathComponent("metrics.json")))
    }

    private static func metric(_ name: String) throws -> any Metric {
        let (plugin, options): (String, [(key: String, value: OptionValue)]) =
            switch name {
            case "d_prime_area": ("d_prime", [("average", .string("area"))])
            case "top_2": ("top_k", [("k", .int(2))])
            default: (name, [])
            }
        let made = try PluginRegistry.shared.make(kind: "metric", name: plugin, options: Options(named: options))
        return try #require(made as? any Metric)
    }

    private static func predictions(_ each: Reference.Case) throws -> Predictions {
        let labels = Labels(
            classes: (0..<each.classes).map { "class \($0)" }, isMultiLabel: each.labels[0].isSeveral,
            rows: each.labels.map(\.classes))
        return try Predictions(scores: Tensor(each.scores, [labels.count, each.classes]), labels: labels)
    }

    @Test func equalScikitLearn() throws {
        let cases = try Self.reference().cases
        #expect(cases.count == 10)
        for (index, each) in cases.enumerated() {
            let predictions = try Self.predictions(each)
            #expect(each.expected.count == (predictions.labels.isMultiLabel ? 4 : 8))
            for (name, expected) in each.expected {
                let value = try Self.metric(name).score(predictions)
                #expect(
                    value == expected || abs(value - expected) < 1e-12, "\(name), case \(index): \(value), \(expected)")
            }
        }
    }

    @Test func everyMetricIsInTheReference() throws {
        let covered = Set(try Self.reference().cases.flatMap { $0.expected.keys })
        let metrics = PluginRegistry.shared.all.filter { $0.type is any Metric.Type }
        #expect(!metrics.isEmpty && metrics.allSatisfy { covered.contains($0.name) })
    }

    /// Through d' of the mean area alone: an area p of two items that is hit with probability p.
    @Test func perfectAndReversedScoresAreInfinite() throws {
        let labels = Labels(classes: ["a", "b"], isMultiLabel: false, rows: [[0], [1], [1]])
        let right = try Predictions(scores: Tensor([1, 0, 0, 1, 0, 1], [3, 2]), labels: labels)
        let wrong = try Predictions(scores: Tensor([0, 1, 1, 0, 1, 0], [3, 2]), labels: labels)
        #expect(try Self.metric("d_prime").score(right) == .infinity)
        #expect(try Self.metric("d_prime").score(wrong) == -.infinity)
    }

    @Test func noItemsHaveNoFigure() {
        let error = #expect(throws: KitError.self) {
            try Predictions(
                scores: .zeros([0, 2]), labels: Labels(classes: ["x", "y"], isMultiLabel: false, rows: []))
        }
        #expect(error?.message == "there are no items, so the metric is not defined")
    }

    @Test func undefinedFiguresAndWrongInputAreErrors() throws {
        let all = Labels(classes: ["a", "b"], isMultiLabel: true, rows: [[0], [0]])
        let scores = Tensor([1, 0, 0, 1], [2, 2])
        for name in ["mean_average_precision", "roc_auc", "d_prime"] {
            let error = #expect(throws: KitError.self) {
                try Self.metric(name).score(Predictions(scores: scores, labels: all))
            }
            #expect(error?.message.contains("no class distinguishes the 2 items") == true)
        }
        let several = #expect(throws: KitError.self) {
            try Self.metric("top1").score(Predictions(scores: scores, labels: all))
        }
        #expect(several?.message.contains("the task is multi-label: use mean_average_precision") == true)
        #expect(throws: KitError.self) { try Predictions(scores: Tensor([1, 0], [1, 2]), labels: all) }
        let nan = #expect(throws: KitError.self) {
            try Predictions(scores: Tensor([1, .nan, 0, 1], [2, 2]), labels: all)
        }
        #expect(nan?.kind == .nonFinite)
    }
}
