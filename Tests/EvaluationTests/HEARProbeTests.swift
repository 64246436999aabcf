import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// HEAR's shallow network against its own evaluation kit: Tests/Oracle/hear_probe.py.
@Suite struct HEARProbeTests {
    private struct Reference: Decodable {
        struct Task: Decodable {
            struct Fit: Decodable {
                let layers: Int
                let rate: Double
                let start: String
                /// The mean over 24 seeds.
                let score: Double
            }
            let name: String
            let multi: Bool
            let labels: [[Int]]
            let fits: [Fit]
        }
        let train: Int
        let valid: Int
        let features: Int
        let classes: Int
        let tasks: [Task]
    }

    /// Weights and dropout are drawn otherwise, so the mean over several seeds is compared.
    @Test(arguments: 0..<2) func scoresAreHEARs(task number: Int) throws {
        let path = Fixtures.folder().appendingPathComponent("hear_probe.json")
        let reference = try JSONDecoder().decode(Reference.self, from: try Data(contentsOf: path))
        let task = reference.tasks[number]
        let count = task.labels.count
        let features = Pattern.tensor("hear/\(task.name)/features", [count, reference.features])
        let labels = Labels(
            classes: (0..<reference.classes).map { "class \($0)" }, isMultiLabel: task.multi, rows: task.labels)
        func part(_ items: Range<Int>) throws -> ProbeTask.Items {
            .init(try features.slice(axis: 0, items), labels.rows(at: Array(items)))
        }
        let split = reference.train + reference.valid
        let test = try part(split..<count)
        func make<Made>(_ kind: String, _ name: String, _ options: [(key: String, value: OptionValue)] = []) throws
            -> Made
        {
            let made = try PluginRegistry.shared.make(kind: kind, name: name, options: Options(named: options))
            return try #require(made as? Made)
        }
        let metric: any Metric = try make("metric", task.multi ? "mean_average_precision" : "top1")
        #expect(task.fits.count == 2)
        for fit in task.fits {
            let probe: any Probe = try make(
                "probe", "mlp",
                [
                    ("layers", .int(fit.layers)), ("learning_rate", .number(fit.rate)), ("start", .string(fit.start)),
                    ("hidden", .int(64)), ("batch", .int(256)), ("epochs", .int(30)), ("patience", .int(5)),
                ])
            let scores = try (0..<16).map { seed in
                let fitted = try probe.fit(
                    ProbeTask(
                        train: part(0..<reference.train), valid: part(reference.train..<split), metric: metric,
                        seed: seed))
                return try metric.score(Predictions(scores: fitted.scores(test.features), labels: test.labels))
            }
            let mean = scores.reduce(0, +) / Double(scores.count)
            #expect(abs(mean - fit.score) < 0.005, "\(task.name), \(fit): \(mean) of \(scores)")
        }
    }
}
