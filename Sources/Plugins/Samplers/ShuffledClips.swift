import Kit

/// Clips in random order, each once before any is repeated.
struct ShuffledClips {
    private let clips: [Int]
    /// The remaining clips; the last one is next.
    private(set) var left: [Int] = []

    init(_ clips: [Int]) { self.clips = clips }

    /// Restores all clips in a new order, with those that the batch already has at the end.
    mutating func shuffle(avoiding batch: [Int], _ random: inout RandomStream) {
        let shuffled = random.permutation(clips.count).map { clips[$0] }
        left = shuffled.filter { batch.contains($0) } + shuffled.filter { !batch.contains($0) }
    }

    /// The next clip for a batch. When all clips are used, they are shuffled again.
    mutating func next(avoiding batch: [Int], _ random: inout RandomStream) -> Int {
        if left.isEmpty { shuffle(avoiding: batch, &random) }
        return left.removeLast()
    }
}
