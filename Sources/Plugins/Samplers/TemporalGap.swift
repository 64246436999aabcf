import Kit

/// Avoids near neighbours in a batch, which would be negatives of each other although they look and sound alike.
final class TemporalGap: Sampler {
    static let name = "temporal_gap"
    static let summary =
        "Shuffles all clips into batches in which those of one film start at least a number of seconds apart, before jitter."
    static let reference =
        "The usual guard against false negatives in contrastive learning on video; the rule is this kit's own."

    @Param(
        "Minimum time between the starts of two clips of one film in a batch.", in: 0...1e6, unit: "s", from: .ours
    )
    var gap: Double = 15
    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    /// An epoch has as many batches as the clips fill. A clip too near to another in the batch waits for a later batch,
    /// so that nearly every clip is used once. The last batches may reuse clips.
    func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]] {
        let all = clips.films.flatMap { $0 }
        try checkBatch(of: all.count)
        let places = Places(clips, gap: gap)
        let most = places.densest(all)
        guard most.count >= batch else {
            throw KitError.usage(
                "\(Self.qualifiedName): a batch of \(batch) needs that many clips that are \(gap) s apart in their films, but "
                    + "there are only \(most.count): lower 'gap' or 'batch', or add films")
        }
        var random = RandomStream(seed: seed).derived(Self.name, epoch)
        var coming = random.permutation(all.count).map { all[$0] }[...]
        var waiting: [Int] = []
        return (0..<all.count / batch).map { _ in
            var chosen = Chosen(places, wanted: batch)
            waiting = waiting.filter { !chosen.take($0) }
            while !chosen.isFull, let clip = coming.popFirst() { if !chosen.take(clip) { waiting.append(clip) } }
            if !chosen.isFull { for index in random.permutation(all.count) { _ = chosen.take(all[index]) } }
            if chosen.isFull { return chosen.clips }
            // Random clips may be placed so that no other fits between them.
            return random.permutation(most.count).prefix(batch).map { most[$0] }
        }
    }
}

/// The positions of clips: times in one file of one film are comparable.
private struct Places {
    let gap: Double
    private let clips: [Clip]
    /// The file of each source.
    private let files: [Int]

    init(_ clips: SampledClips, gap: Double) {
        // Starts are sums of rounded numbers.
        self.gap = gap - 1e-6
        self.clips = clips.clips
        var known: [String: Int] = [:]
        files = clips.sources.map { source in
            let file = known[source.path] ?? known.count
            known[source.path] = file
            return file
        }
    }

    func start(_ clip: Int) -> Double { clips[clip].start }
    func file(_ clip: Int) -> Int { files[clips[clip].source] }

    /// As many of these clips as fit into one batch.
    func densest(_ all: [Int]) -> [Int] {
        var last: [Int: Double] = [:]
        return all.sorted { (start($0), $0) < (start($1), $1) }.filter { clip in
            if let before = last[file(clip)], start(clip) - before < gap { return false }
            last[file(clip)] = start(clip)
            return true
        }
    }
}

/// A batch while it is filled.
private struct Chosen {
    private let places: Places
    private let wanted: Int
    private(set) var clips: [Int] = []
    private var ofFile: [Int: [Int]] = [:]

    init(_ places: Places, wanted: Int) {
        self.places = places
        self.wanted = wanted
    }

    var isFull: Bool { clips.count == wanted }

    /// Adds a clip if there is room and no near neighbour.
    mutating func take(_ clip: Int) -> Bool {
        let file = places.file(clip)
        let isFree = ofFile[file, default: []].allSatisfy { other in
            other != clip && abs(places.start(clip) - places.start(other)) >= places.gap
        }
        guard !isFull, isFree else { return false }
        clips.append(clip)
        ofFile[file, default: []].append(clip)
        return true
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TemporalGap.self) }
