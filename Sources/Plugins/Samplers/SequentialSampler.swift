import Kit

/// All clips in order, for evaluation.
final class SequentialSampler: FilmSampler {
    static let name = "sequential"
    static let summary = "All clips in the order of the films, each once; the last batch may be smaller."
    static let reference = "The usual order of evaluation."

    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param("Seed of the choice of dubs, if a dataset draws one; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let clips = films.flatMap { $0 }
        try checkBatch(of: clips.count, isPartial: true)
        return chunks(clips, dropLast: false)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SequentialSampler.self) }
