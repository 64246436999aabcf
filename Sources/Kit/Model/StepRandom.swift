import KitCore

/// Randomness without a seed of its own, such as dropout's.
///
/// A stream depends on the run's seed, the step's number and the stream's position in the step, so there is nothing to
/// save: a resumed run draws the same numbers as an uninterrupted one. Outside of steps, it depends on the recipe's
/// seed and on the number of streams drawn before.
public enum StepRandom {
    private final class State: SessionPart, @unchecked Sendable {
        var root = RandomStream(seed: 0)
        /// The number of streams drawn in this step so far.
        var drawn = 0
    }

    private static var state: State { Session.current[State.self] }

    /// Called by the training loop before each step, and by `kit.recipe` as step 0.
    public static func begin(seed: Int, step: Int) {
        let state = state
        state.root = RandomStream(seed: seed).derived("step", step)
        state.drawn = 0
    }

    /// The number of streams drawn in this step so far.
    static var position: Int { state.drawn }

    /// Runs `body` with the streams from a position on, to repeat its first run there.
    static func repeating<Result>(from position: Int, _ body: () throws -> Result) rethrows -> Result {
        let state = state
        let before = state.drawn
        state.drawn = position
        defer { state.drawn = before }
        return try body()
    }

    /// The next stream of this step. Only for the script's thread.
    public static func next(_ name: String) -> RandomStream {
        let state = state
        defer { state.drawn += 1 }
        return state.root.derived(name, state.drawn)
    }
}
