import KitCore
import KitTensor

/// A part of a batch that a step works on by itself. It meets the other shards, in this process and in others, where a
/// result depends on the whole batch: in batch norm, in losses and in `gather`.
///
/// Outside of a training over several shards there is none.
public final class Shard: @unchecked Sendable {
    /// The shard that the calling thread works on.
    @TaskLocal public static var current: Shard?

    /// Its number in the batch, from 0.
    public let index: Int
    /// Its rows of the batch.
    public let rows: Range<Int>
    /// The rows of the whole batch.
    public let batch: Int
    /// How much a mean over its rows counts in the mean over the batch.
    public var weight: Float { batch == 0 ? 0 : Float(rows.count) / Float(batch) }

    /// The gradients of the parameters, as far as they come from this shard.
    let gradients: GradientSink
    let random: StepRandom.Streams
    let team: ShardTeam
    /// Whether layers take their statistics over fewer rows than the shard's, as in chunks of a batch.
    private(set) var isInChunks = false
    /// What happens to buffers when the step is over, in order.
    var movedBuffers: [MovedBuffer] = []

    init(_ index: Int, rows: Range<Int>, of batch: Int, _ team: ShardTeam) {
        (self.index, self.rows, self.batch, self.team) = (index, rows, batch, team)
        gradients = GradientSink(of: team.parameters)
        random = StepRandom.Streams(like: team.random)
    }

    /// Runs `body`, in which layers do not see all rows of the shard at once.
    static func inChunks<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let shard = current, !shard.isInChunks else { return try body() }
        shard.isInChunks = true
        defer { shard.isInChunks = false }
        return try body()
    }

    /// Has something done once in each process when all its shards have come here, as the move of a momentum encoder.
    func once(_ label: String, _ body: () throws -> Void) throws {
        try team.meet(self, label, ()) { (_: [Void]) in try body() }
    }
}

/// The statistics of a chunk that are to move a running mean and a running variance.
struct MovedBuffer {
    let count: () -> Void
    let move: (_ mean: [Double], _ variance: [Double]) -> Void
    let mean: [Double]
    let variance: [Double]
}
