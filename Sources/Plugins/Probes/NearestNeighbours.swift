import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NearestNeighbours.self) }

/// The vote of the most similar training items.
final class NearestNeighbours: Probe {
    static let name = "knn"
    static let summary =
        "k nearest neighbours by cosine similarity: an item's score for a class is the share of its neighbours' votes."
    static let reference =
        "scikit-learn's KNeighborsClassifier(metric='cosine'); weights of Wu et al. 2018 (arXiv 1805.01978), section 3.4."

    /// The weight of a neighbour's vote.
    enum Weights: String, ChoiceOption { case uniform, similarity }

    @Param(
        "Number of neighbours that vote; of several numbers, the best on the validation items is chosen.", from: .ours)
    var k: OneOrMore<Int> = OneOrMore([10])
    @Param("Whether votes count equally, or as exp(similarity / temperature).", from: .ours) var weights: Weights =
        .uniform
    @Param("Divides the similarities in these weights.", in: 1e-3...1e3, from: .inferred) var temperature: Double = 0.07

    var choosesByValidation: Bool { k.values.count > 1 }

    init() {}

    func validate() throws {
        if let bad = k.values.first(where: { $0 < 1 }) {
            throw KitError.usage("option 'k' must be 1 or more, but is \(bad)")
        }
    }

    func fit(_ task: ProbeTask) throws -> FittedProbe {
        let count = task.train.features.shape[0]
        let usable = k.values.filter { $0 <= count }
        guard !usable.isEmpty else {
            throw KitError.usage("option 'k' is \(k.values.min()!), but there are only \(count) training items")
        }
        let known = try task.train.features.l2Normalized()
        let labels = task.train.labels
        let best = try task.best(of: usable, boundary: 0.5) { try self.scores($1, known, labels, k: $0) }
        let choices = choosesByValidation ? [("k", Double(best))] : []
        return FittedProbe(choices: choices, boundary: 0.5) { try self.scores($0, known, labels, k: best) }
    }

    private func scores(_ features: Tensor, _ known: Tensor, _ labels: Labels, k: Int) throws -> Tensor {
        let (count, classes) = (features.shape[0], labels.classes.count)
        let result = Tensor.zeros([count, classes])
        // Computes blocks of similarities to limit the use of memory.
        for start in stride(from: 0, to: count, by: 256) {
            let block = try features.slice(axis: 0, start..<min(start + 256, count)).l2Normalized()
            let similarities = try block.matmul(known, transposeB: true)
            ThreadPool.shared.forEach(block.shape[0]) { row in
                let scores = UnsafeBufferPointer(start: similarities.pointer + row * labels.count, count: labels.count)
                let votes = result.pointer + (start + row) * classes
                let nearest = Self.largest(scores, k)
                let weights = nearest.map {
                    self.weights == .uniform ? 1 : exp(Double(scores[$0] - scores[nearest[0]]) / temperature)
                }
                let total = weights.reduce(0, +)
                for (neighbour, weight) in zip(nearest, weights) {
                    for label in labels.rows[neighbour] { votes[label] += Float(weight / total) }
                }
            }
        }
        return result
    }

    /// The positions of the k largest values, largest first; of equal values, the first.
    private static func largest(_ values: UnsafeBufferPointer<Float>, _ k: Int) -> [Int] {
        var found: [Int] = []  // Ascending by value; short, so that inserting costs little.
        for index in values.indices {
            if found.count == k, values[index] <= values[found[0]] { continue }
            if found.count == k { found.removeFirst() }
            var place = found.count
            while place > 0, values[found[place - 1]] >= values[index] { place -= 1 }
            found.insert(index, at: place)
        }
        return found.reversed()
    }
}
