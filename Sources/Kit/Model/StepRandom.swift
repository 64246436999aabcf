import KitCore

/// Randomness without a seed of its own, such as dropout's.
///
/// A stream depends on the run's seed, the step's number and the stream's position in the step, so there is nothing to
/// save: a resumed run draws the same numbers as an uninterrupted one. Outside of steps, it depends on the recipe's
/// seed and on the number of streams drawn before.
public enum StepRandom {
    /// The streams of one step.
    final class Streams: SessionPart, @unchecked Sendable {
        fileprivate var root = RandomStream(seed: 0)
        /// The number of streams drawn in this step so far.
        fileprivate var drawn = 0

        init() {}

        /// A copy that draws the same streams again.
        convenience init(like other: Streams) {
            self.init()
            (root, drawn) = (other.root, other.drawn)
        }
    }

    /// The streams of the shard that the calling thread works on; without shards, those of the session.
    static var current: Streams { Shard.current?.random ?? Session.current[Streams.self] }

    /// Called by the training loop before each step, and by `kit.recipe` as step 0.
    public static func begin(seed: Int, step: Int) {
        let state = current
        state.root = RandomStream(seed: seed).derived("step", step)
        state.drawn = 0
    }

    /// Runs `body` with streams that depend on the recipe's seed and the number of a piece of work, not on earlier
    /// draws.
    package static func apart<Result>(piece: Int, _ body: () throws -> Result) rethrows -> Result {
        let state = current
        let before = (state.root, state.drawn)
        defer { (state.root, state.drawn) = before }
        (state.root, state.drawn) = (state.root.derived("piece", piece), 0)
        return try body()
    }

    /// The number of streams drawn in this step so far.
    static var position: Int { current.drawn }

    /// Runs `body` with the streams from a position on, to repeat its first run there.
    static func repeating<Result>(from position: Int, _ body: () throws -> Result) rethrows -> Result {
        let state = current
        let before = state.drawn
        state.drawn = position
        defer { state.drawn = before }
        return try body()
    }

    /// The next stream of this step. Only for the script's thread. Each shard of a batch has its own.
    public static func next(_ name: String) -> RandomStream {
        let stream = nextOfBatch(name)
        return Shard.current.map { stream.derived("shard", $0.index) } ?? stream
    }

    /// The next stream of this step, which all shards of a batch share.
    static func nextOfBatch(_ name: String) -> RandomStream {
        let state = current
        defer { state.drawn += 1 }
        return state.root.derived(name, state.drawn)
    }
}
