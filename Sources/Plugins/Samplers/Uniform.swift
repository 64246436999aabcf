import Kit

/// Random batches: every clip once per epoch.
final class Uniform: FilmSampler {
    static let name = "uniform"
    static let summary = "Shuffles all clips and splits them into batches: every clip once per epoch."
    static let reference = "Sampling without replacement, as in stochastic gradient descent in general."

    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed
    @Param(
        "Whether to leave out the clips that do not fill a last batch, different ones in every epoch; false makes that batch smaller.",
        from: .ours) var dropLast: Bool = true

    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let clips = films.flatMap { $0 }
        try checkBatch(of: clips.count, isPartial: !dropLast)
        var random = RandomStream(seed: seed).derived("uniform", epoch)
        return chunks(random.permutation(clips.count).map { clips[$0] }, dropLast: dropLast)
    }
}

extension Sampler {
    /// Throws if there are too few clips for one batch.
    func checkBatch(of clips: Int, isPartial: Bool = false) throws {
        guard clips > 0, isPartial || clips >= batch else {
            throw KitError.usage(
                "\(qualifiedName): a batch of \(batch) needs at least \(batch) clips, but there are \(clips): "
                    + "lower 'batch', or cut the films into shorter clips")
        }
    }

    /// Cuts a list into batches, in order.
    func chunks(_ clips: [Int], dropLast: Bool) -> [[Int]] {
        let starts = stride(from: 0, to: dropLast ? clips.count / batch * batch : clips.count, by: batch)
        return starts.map { Array(clips[$0..<min($0 + batch, clips.count)]) }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Uniform.self) }
