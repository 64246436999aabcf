import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Majority.self) }

/// A baseline that ignores all features.
final class Majority: Probe {
    static let name = "majority"
    static let summary =
        "Scores every item with the frequencies of the classes in training: a baseline without features."
    static let reference = "scikit-learn's DummyClassifier(strategy='prior')."

    let choosesByValidation = false

    init() {}

    func fit(_ task: ProbeTask) throws -> FittedProbe {
        let labels = task.train.labels
        var counts = [Float](repeating: 0, count: labels.classes.count)
        for label in labels.rows.joined() { counts[label] += 1 }
        let frequencies = counts.map { $0 / Float(labels.count) }
        return FittedProbe(boundary: 0.5) { features in
            Tensor((0..<features.shape[0]).flatMap { _ in frequencies }, [features.shape[0], frequencies.count])
        }
    }
}
