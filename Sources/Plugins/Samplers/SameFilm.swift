import Kit

/// Hard negatives: part of every batch comes from one film.
final class SameFilm: FilmSampler {
    static let name = "same_film"
    static let formerName: String? = "same_movie"
    static let summary = "Batches with exactly k clips from one film and none of it among the others: hard negatives."
    static let reference = "Singh et al., arXiv 2304.05600: hard negatives from the same film, k = 12 on each GPU."

    @Param(
        "Clips of each batch that come from one film; 0 makes it the uniform sampler.", in: 0...1_048_576, from: .paper)
    var k: Int = 12
    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 24
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    func validate() throws {
        guard k <= batch else {
            throw KitError.usage("option 'k' must be at most the batch of \(batch), but is \(k)")
        }
    }

    /// An epoch has as many batches as the clips fill. Films are drawn in proportion to their remaining clips. The film
    /// of the k clips is drawn from those with k left, if there are any, so that nearly every clip is used once. A film
    /// that runs out before others starts over. If all films have fewer than k clips, clips occur twice in a batch,
    /// with other jitter and augmentation.
    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let count = films.reduce(0) { $0 + $1.count }
        try checkBatch(of: count)
        let seeded = RandomStream(seed: seed)
        if k == 0 {
            var random = seeded.derived("uniform", epoch)
            let clips = films.flatMap { $0 }
            return chunks(random.permutation(count).map { clips[$0] }, dropLast: true)
        }
        guard films.filter({ !$0.isEmpty }).count > 1 || k == batch else {
            throw KitError.usage(
                "\(Self.qualifiedName): \(counted(k, of: batch, "clip")) from one film \(agreeing(k, "leaves", "leave")) \(batch - k) for other films, "
                    + "but there is only one film: add films, or set k = \(batch)")
        }
        // Keep the former name here, so that a seed gives the same batches as before.
        var decks = Decks(films, k, seeded.derived("same_movie", epoch))
        return (0..<count / batch).map { _ in
            let film = decks.drawHardFilm()
            var clips: [Int] = []
            for _ in 0..<k { decks.next(from: film, to: &clips) }
            for _ in k..<batch { decks.next(from: decks.drawFilm(except: film, for: clips), to: &clips) }
            return decks.shuffled(clips)
        }
    }
}

/// The shuffled clips of each film. When all are used, they are shuffled again.
private struct Decks {
    private let k: Int
    private var decks: [ShuffledClips]
    private var weights: FilmWeights
    /// The same for films with k clips left, and 0 for the others.
    private var hardWeights: FilmWeights
    private var random: RandomStream

    init(_ films: [[Int]], _ k: Int, _ random: RandomStream) {
        self.k = k
        self.random = random
        decks = films.filter { !$0.isEmpty }.map { ShuffledClips($0) }
        weights = FilmWeights(count: decks.count)
        hardWeights = weights
        for film in decks.indices { refill(film, for: []) }
    }

    mutating func shuffled(_ clips: [Int]) -> [Int] { random.permutation(clips.count).map { clips[$0] } }

    /// The film for the k clips of a batch.
    mutating func drawHardFilm() -> Int {
        if hardWeights.total > 0 { return hardWeights.film(at: random.index(below: hardWeights.total)) }
        return drawFilm(except: nil, for: [])
    }

    /// A film for one more clip of a batch, with a probability in proportion to its remaining clips.
    mutating func drawFilm(except excluded: Int?, for batch: [Int]) -> Int {
        let kept = excluded.map { decks[$0].left.count } ?? 0
        if weights.total == kept { for film in decks.indices where film != excluded { refill(film, for: batch) } }
        if let excluded { weights.set(0, at: excluded) }
        let film = weights.film(at: random.index(below: weights.total))
        if let excluded { weights.set(kept, at: excluded) }
        return film
    }

    /// Adds a film's next clip to a batch.
    mutating func next(from film: Int, to batch: inout [Int]) {
        batch.append(decks[film].next(avoiding: batch, &random))
        weigh(film)
    }

    private mutating func refill(_ film: Int, for batch: [Int]) {
        decks[film].shuffle(avoiding: batch, &random)
        weigh(film)
    }

    private mutating func weigh(_ film: Int) {
        let count = decks[film].left.count
        weights.set(count, at: film)
        hardWeights.set(count >= k ? count : 0, at: film)
    }
}

/// Counts by film, for drawing in proportion: a binary indexed tree (Fenwick 1994) with log(films) steps per draw.
private struct FilmWeights {
    private var counts: [Int]
    private var sums: [Int]
    private(set) var total = 0

    init(count: Int) {
        counts = Array(repeating: 0, count: count)
        sums = Array(repeating: 0, count: count + 1)
    }

    mutating func set(_ count: Int, at film: Int) {
        let change = count - counts[film]
        guard change != 0 else { return }
        counts[film] = count
        total += change
        var node = film + 1
        while node < sums.count {
            sums[node] += change
            node += node & -node
        }
    }

    /// The film whose share contains a position, 0 <= position < total.
    func film(at position: Int) -> Int {
        var (node, rest) = (0, position)
        var step = 1 << (Int.bitWidth - 1 - max(1, sums.count - 1).leadingZeroBitCount)
        while step > 0 {
            if node + step < sums.count, sums[node + step] <= rest {
                node += step
                rest -= sums[node]
            }
            step >>= 1
        }
        return node
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SameFilm.self) }
