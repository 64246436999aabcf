import Kit

/// Batches in which all groups of clips are equally frequent, to within one clip.
struct BalancedBatches {
    private var decks: [ShuffledClips]
    /// Decides which groups get one more clip if the batch cannot be divided evenly.
    private var turns: ShuffledClips
    private var random: RandomStream

    /// - Parameter groups: the clips of each group; none is empty.
    init(_ groups: [[Int]], _ random: RandomStream) {
        decks = groups.map { ShuffledClips($0) }
        turns = ShuffledClips(Array(groups.indices))
        self.random = random
    }

    mutating func next(_ batch: Int) -> [Int] {
        var shares = [Int](repeating: batch / decks.count, count: decks.count)
        var favoured: [Int] = []
        while favoured.count < batch % decks.count { favoured.append(turns.next(avoiding: favoured, &random)) }
        for group in favoured { shares[group] += 1 }
        var clips: [Int] = []
        for (group, share) in shares.enumerated() {
            for _ in 0..<share { clips.append(decks[group].next(avoiding: clips, &random)) }
        }
        return random.permutation(clips.count).map { clips[$0] }
    }
}

extension Sampler {
    /// As many batches as the clips fill, balanced between the groups that a function assigns to sources.
    func balancedBatches(
        of clips: SampledClips, epoch: Int, _ seed: Int, by group: (SampledClips.Source) throws -> String
    ) throws -> [[Int]] {
        let count = clips.films.reduce(0) { $0 + $1.count }
        try checkBatch(of: count)
        let names: [String]
        do { names = try clips.sources.map(group) } catch let error as KitError {
            throw error.prefixed(Self.qualifiedName)
        }
        let groups = Dictionary(grouping: clips.films.joined()) { names[clips.clips[$0].source] }
        let random = RandomStream(seed: seed).derived(Self.name, epoch)
        var batches = BalancedBatches(groups.sortedByBytes(of: \.key).map(\.value), random)
        return (0..<count / batch).map { _ in batches.next(batch) }
    }
}
