import KitCore
import KitTensor

/// A part of a batch that a step processes by itself. It meets the other shards, in this process and in others, where a
/// result depends on the whole batch: in batch norm, in losses and in `gather`.
///
/// Shards exist only in a run that cuts batches into shards.
public final class Shard: @unchecked Sendable {
    /// The shard that the calling thread works on.
    @TaskLocal public static var current: Shard?

    /// Its index in the batch, from 0.
    public let index: Int
    /// Its rows in the batch.
    public let rows: Range<Int>
    /// The number of rows of the whole batch.
    public let batch: Int
    /// The weight of a mean over its rows in the mean over the batch: its share of the rows.
    public var weight: Float { batch == 0 ? 0 : Float(rows.count) / Float(batch) }

    /// This shard's contribution to the gradients of the parameters.
    let gradients: GradientSink
    let random: StepRandom.Streams
    let team: ShardTeam
    /// Whether layers are being called with chunks of the shard's rows.
    private(set) var isInChunks = false
    /// The updates of running statistics to make after the step, in order.
    var movedBuffers: [MovedBuffer] = []

    init(_ index: Int, rows: Range<Int>, of batch: Int, _ team: ShardTeam) {
        (self.index, self.rows, self.batch, self.team) = (index, rows, batch, team)
        gradients = GradientSink(of: team.parameters)
        random = StepRandom.Streams(like: team.random)
    }

    /// Runs `body`, in which layers see only some of the shard's rows at a time.
    static func inChunks<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let shard = current, !shard.isInChunks else { return try body() }
        shard.isInChunks = true
        defer { shard.isInChunks = false }
        return try body()
    }

    /// Runs `body` once in each process when all its shards have reached this call, as for the update of a momentum
    /// encoder.
    func once(_ label: String, _ body: () throws -> Void) throws {
        try team.meet(self, label, ()) { (_: [Void]) in try body() }
    }
}

/// The statistics of a chunk, with which a running mean and a running variance will be updated.
struct MovedBuffer {
    let count: () -> Void
    let move: (_ mean: [Double], _ variance: [Double]) -> Void
    let mean: [Double]
    let variance: [Double]
}
