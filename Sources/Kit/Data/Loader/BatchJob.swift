import KitCore

/// One batch while it is read. Places are read in any order, by any thread; substitutes follow after all were tried.
final class BatchJob {
    let epoch: Int
    let index: Int
    /// The draws of the whole batch.
    let draws: [ClipDraw]
    /// The batch, with the rows that this process reads.
    let batch: ClipBatch
    /// Sources known to be unreadable when the job was created. Their clips are substituted without a try.
    let knownBad: Set<Int>
    /// The number of unreadable sources that is too many.
    let budget: Int
    /// Whether other processes read the remaining places. If so, substitutes are read when the batch is taken, after
    /// the processes have told each other which places failed.
    let isShared: Bool

    // Guarded by the lock of the workers.
    var nextPlace = 0
    var placesRead = 0
    var isDone = false
    var isCancelled = false

    // Written by `read` under the workers' lock, then only by `substitute`.
    private(set) var failures: [Int: KitError?] = [:]
    /// Sources that turned out to be unreadable, in the order of the places that use them.
    private(set) var found: [(source: Int, reason: String)] = []
    /// The error that ends the run: an interrupt or a fault of the kit.
    private(set) var error: KitError?
    /// Whether no readable film is left for a place.
    private(set) var isOutOfFilms = false

    init(
        epoch: Int, index: Int, draws: [ClipDraw], batch: ClipBatch, knownBad: Set<Int>, budget: Int, isShared: Bool
    ) {
        self.epoch = epoch
        self.index = index
        self.draws = draws
        self.batch = batch
        self.knownBad = knownBad
        self.budget = budget
        self.isShared = isShared
        nextPlace = batch.rows.lowerBound
    }

    enum Outcome {
        case read(ClipBatch.Place)
        case unreadable(KitError?)
        case fatal(KitError)
    }

    /// Reads the clip of one place.
    func read(_ place: Int, with loader: ClipLoader) -> Outcome {
        let draw = draws[place]
        if knownBad.contains(loader.dataset.clips[draw.clip].source) { return .unreadable(nil) }
        return read(draw, at: place, with: loader)
    }

    /// Reads a clip into a place. If the place belongs to another process, the clip is read as a trial and discarded.
    private func read(_ draw: ClipDraw, at place: Int, with loader: ClipLoader) -> Outcome {
        guard !batch.rows.contains(place) else {
            return Self.read(draw, with: loader, into: batch, place - batch.rows.lowerBound)
        }
        do {
            let other = try loader.dataset.emptyBatch(
                epoch: epoch, index: index, rows: place..<place + 1, of: draws.count)
            return Self.read(draw, with: loader, into: other, 0)
        } catch {
            return .fatal(error.asKitError)
        }
    }

    private func put(_ clip: ClipBatch.Place, at place: Int) {
        if batch.rows.contains(place) { batch.places[place - batch.rows.lowerBound] = clip }
    }

    /// Whether all places of this process were tried.
    var isRead: Bool { placesRead == batch.rows.count }

    /// Records that another process cannot read the clip of one of its places.
    func addFailure(_ error: KitError?, at place: Int) { failures[place] = .some(error) }

    /// Records the outcome of a place. Called under the workers' lock.
    func note(_ outcome: Outcome, at place: Int) {
        placesRead += 1
        switch outcome {
        case .read(let clip): put(clip, at: place)
        case .unreadable(let error): failures[place] = .some(error)
        case .fatal(let error): self.error = self.error ?? error
        }
    }

    private static func read(_ draw: ClipDraw, with loader: ClipLoader, into batch: ClipBatch, _ place: Int) -> Outcome
    {
        do {
            return .read(try loader.load(draw, into: batch, place))
        } catch let error as KitError {
            switch error.kind {
            case .badData, .noInput, .inputOutput: return .unreadable(error)
            default: return .fatal(error)
            }
        } catch {
            return .fatal(KitError(.internalFault, "reading a clip: \(error)"))
        }
    }

    /// Fills the places whose clips could not be read.
    ///
    /// The rule is a pure function of the seed, the batch and the set of unreadable sources. All places of a film are
    /// filled from readable sources of the same film, or else from one other film, so that the number of clips from one
    /// film is preserved. Films that are not in the batch come first, in random order.
    func substitute(with loader: ClipLoader) {
        guard error == nil, !failures.isEmpty else { return }
        let dataset = loader.dataset
        var bad = knownBad
        for place in failures.keys.sorted() {
            let source = dataset.clips[draws[place].clip].source
            if case .some(.some(let error)) = failures[place], bad.insert(source).inserted {
                found.append((source, error.message))
            }
        }
        let present = Set(draws.map { dataset.clips[$0.clip].film })
        let places = Dictionary(grouping: failures.keys.sorted()) { dataset.clips[draws[$0].clip].film }
        for (film, places) in places.sorted(by: { $0.value[0] < $1.value[0] }) {
            var random = loader.random.derived("substitute", epoch, index, film)
            let others = random.permutation(dataset.films.count).filter { $0 != film }
            let order = [film] + others.filter { !present.contains($0) } + others.filter { present.contains($0) }
            var candidates = order.lazy.flatMap { film in
                // The clips of a film with fewer clips than places are used again, with other jitter.
                let clips = dataset.clipsOfFilm[film]
                let shuffled = random.permutation(clips.count).map { clips[$0] }
                return Array(repeating: shuffled, count: (places.count + clips.count - 1) / max(1, clips.count))
                    .joined()
            }.makeIterator()
            for place in places {
                var isFilled = false
                while !isFilled {
                    guard bad.count <= budget else { return }  // Whoever takes the batch counts again, and says so.
                    guard let clip = candidates.next() else {
                        isOutOfFilms = true
                        return
                    }
                    let source = dataset.clips[clip].source
                    guard !bad.contains(source) else { continue }
                    // The sampler's uses of a clip count up from 0; those of substitutes are negative, by place.
                    let draw = ClipDraw(clip: clip, epoch: epoch, use: -1 - index * draws.count - place)
                    switch read(draw, at: place, with: loader) {
                    case .read(let clip):
                        put(clip, at: place)
                        isFilled = true
                    case .unreadable(let reason):
                        bad.insert(source)
                        found.append((source, reason?.message ?? ""))
                    case .fatal(let fault):
                        error = fault
                        return
                    }
                }
            }
        }
    }
}
