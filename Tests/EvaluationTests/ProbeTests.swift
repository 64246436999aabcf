import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Probes against scikit-learn: Tests/Oracle/probes.py.
@Suite struct ProbeTests {
    struct Reference: Decodable {
        struct Task: Decodable {
            let name: String
            let classes: Int
            let multi: Bool
            let features: [Float]
            let labels: [[Int]]
            let linear: [String: [Float]]
            let knn: [String: [Float]]
        }
        let train: Int
        let test: Int
        let tasks: [Task]

        static func read() throws -> Reference {
            let path = Fixtures.folder().appendingPathComponent("probes.json")
            return try JSONDecoder().decode(Reference.self, from: try Data(contentsOf: path))
        }

        /// A task's items from one place on, as a part for a probe.
        func part(_ task: Task, _ items: Range<Int>) -> ProbeTask.Items {
            let width = task.features.count / task.labels.count
            return ProbeTask.Items(
                Tensor(
                    Array(task.features[items.lowerBound * width..<items.upperBound * width]), [items.count, width]),
                Labels(
                    classes: (0..<task.classes).map { "class \($0)" }, isMultiLabel: task.multi,
                    rows: Array(task.labels[items])))
        }
    }

    private static func probe(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> any Probe {
        let made = try PluginRegistry.shared.make(kind: "probe", name: name, options: Options(named: options))
        return try #require(made as? any Probe)
    }

    private static func metric(_ multi: Bool) throws -> any Metric {
        let name = multi ? "mean_average_precision" : "top1"
        return try #require(
            try PluginRegistry.shared.make(kind: "metric", name: name, options: Options()) as? any Metric)
    }

    /// Decision values, and so every accuracy, are those of scikit-learn's solver at its tightest tolerance.
    @Test func linearEqualsScikitLearn() throws {
        let reference = try Reference.read()
        #expect(reference.tasks.count == 3)
        for task in reference.tasks {
            let train = reference.part(task, 0..<reference.train)
            let test = reference.part(task, reference.train..<reference.train + reference.test)
            #expect(task.linear.count == 3)
            for (l2, expected) in task.linear {
                let probe = try Self.probe(
                    "linear", [("l2", .number(try #require(Double(l2)))), ("tolerance", .number(1e-9))])
                let fitted = try probe.fit(
                    ProbeTask(train: train, valid: nil, metric: Self.metric(task.multi), seed: 0))
                let scores = try fitted.scores(test.features).values
                let error = zip(scores, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
                #expect(scores.count == expected.count && error < 1e-5, "\(task.name), l2 \(l2): \(error)")
            }
        }
    }

    @Test func nearestNeighboursEqualScikitLearn() throws {
        let reference = try Reference.read()
        for task in reference.tasks {
            let train = reference.part(task, 0..<reference.train)
            let test = reference.part(task, reference.train..<reference.train + reference.test)
            #expect(task.knn.count == 3)
            for (k, expected) in task.knn {
                let probe = try Self.probe("knn", [("k", .int(try #require(Int(k))))])
                let fitted = try probe.fit(
                    ProbeTask(train: train, valid: nil, metric: Self.metric(task.multi), seed: 0))
                let scores = try fitted.scores(test.features).values
                let error = zip(scores, expected).map { abs($0 - $1) }.max() ?? .infinity
                #expect(scores.count == expected.count && error < 1e-6, "\(task.name), k \(k): \(error)")
            }
        }
    }

    @Test func choosesWhatIsBestOnValidationItems() throws {
        let reference = try Reference.read()
        let task = reference.tasks[0]
        let (train, valid) = (reference.part(task, 0..<60), reference.part(task, 60..<120))
        let metric = try Self.metric(false)
        let strengths = [100.0, 1, 0.01, 1e-5]
        func alone(_ l2: Double) throws -> Double {
            let fitted = try Self.probe("linear", [("l2", .number(l2))]).fit(
                ProbeTask(train: train, valid: nil, metric: metric, seed: 0))
            return try metric.score(Predictions(scores: fitted.scores(valid.features), labels: valid.labels))
        }
        let scores = try strengths.map(alone)
        #expect(Set(scores).count > 1)
        let probe = try Self.probe("linear", [("l2", .list(strengths.map(OptionValue.number)))])
        let fitted = try probe.fit(ProbeTask(train: train, valid: valid, metric: metric, seed: 0))
        #expect(probe.choosesByValidation)
        #expect(fitted.choices.map(\.name) == ["l2"])
        #expect(fitted.choices[0].value == strengths[try #require(scores.firstIndex(of: scores.max()!))])
    }

    @Test func majorityGivesTheFrequencies() throws {
        let labels = Labels(classes: ["a", "b"], isMultiLabel: false, rows: [[0], [1], [1], [1]])
        let fitted = try Self.probe("majority", []).fit(
            ProbeTask(train: .init(Tensor.zeros([4, 2]), labels), valid: nil, metric: Self.metric(false), seed: 0))
        #expect(try fitted.scores(Tensor.zeros([2, 2])).values == [0.25, 0.75, 0.25, 0.75])
    }

    @Test func tooFewNeighboursAreNamed() throws {
        let reference = try Reference.read()
        let train = reference.part(reference.tasks[0], 0..<4)
        let error = #expect(throws: KitError.self) {
            try Self.probe("knn", [("k", .int(5))]).fit(
                ProbeTask(train: train, valid: nil, metric: Self.metric(false), seed: 0))
        }
        #expect(error?.message.contains("there are only 4 training items") == true)
    }

    /// Wide, constant and huge features do not break the solver.
    @Test func linearBearsDegenerateFeatures() throws {
        let values = Pattern.tensor("degenerate", [30, 50])
        for row in 0..<30 {
            values.pointer[row * 50] = 7
            values.pointer[row * 50 + 1] = 1e20 * Float(row % 2)
        }
        let labels = Labels(classes: ["a", "b"], isMultiLabel: false, rows: (0..<30).map { [$0 % 2] })
        let fitted = try Self.probe("linear", []).fit(
            ProbeTask(train: .init(values, labels), valid: .init(values, labels), metric: Self.metric(false), seed: 0))
        let scores = try Predictions(scores: fitted.scores(values), labels: labels)
        #expect(try Self.metric(false).score(scores) == 1)
    }

    /// Classes on either side of a circle: no line tells them apart, a hidden layer does.
    @Test(arguments: [false, true]) func mlpLearnsWhatNoLineSeparates(multi: Bool) throws {
        let values = Pattern.tensor("circle", [600, 2])
        let inside = (0..<600).map {
            values.pointer[2 * $0] * values.pointer[2 * $0] + values.pointer[2 * $0 + 1] * values.pointer[2 * $0 + 1]
                < 0.6
        }
        let rows = inside.enumerated().map { index, inside in
            multi ? (inside ? [0] : []) + (values.pointer[2 * index] > 0 ? [1] : []) : [inside ? 0 : 1]
        }
        let labels = Labels(classes: ["in", "right"], isMultiLabel: multi, rows: rows)
        func part(_ items: Range<Int>) throws -> ProbeTask.Items {
            .init(try values.slice(axis: 0, items), labels.rows(at: Array(items)))
        }
        let task = ProbeTask(
            train: try part(0..<300), valid: try part(300..<400), metric: try Self.metric(multi), seed: 1)
        let test = try part(400..<600)
        let small: [(key: String, value: OptionValue)] = [
            ("hidden", .int(32)), ("batch", .int(64)), ("epochs", .int(60)),
            ("learning_rate", .list([.number(3.2e-3), .number(1e-2)])),
        ]
        func score(_ probe: any Probe) throws -> Double {
            let fitted = try probe.fit(task)
            return try Self.metric(multi).score(Predictions(scores: fitted.scores(test.features), labels: test.labels))
        }
        let (mlp, linear) = (try score(Self.probe("mlp", small)), try score(Self.probe("linear", [])))
        #expect(mlp > 0.93 && mlp > linear + 0.1, "mlp \(mlp), linear \(linear)")
        #expect(try score(Self.probe("mlp", small)) == mlp)
    }
}
