import Kit

/// Clips dealt one by one in random order: each once before any comes again.
struct Deck {
    private let clips: [Int]
    /// Those that are still to be dealt; the next is the last.
    private(set) var left: [Int] = []

    init(_ clips: [Int]) { self.clips = clips }

    /// Puts all clips back in a new order, so that those which a batch has already come last.
    mutating func shuffle(avoiding batch: [Int], _ random: inout RandomStream) {
        let anew = random.permutation(clips.count).map { clips[$0] }
        left = anew.filter { batch.contains($0) } + anew.filter { !batch.contains($0) }
    }

    /// The next clip for a batch. A deck that is used up is shuffled anew.
    mutating func deal(avoiding batch: [Int], _ random: inout RandomStream) -> Int {
        if left.isEmpty { shuffle(avoiding: batch, &random) }
        return left.removeLast()
    }
}
