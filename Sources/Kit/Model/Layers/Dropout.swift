import KitCore
import KitTensor

/// In training, sets elements to 0 with a given probability and scales the others up. In evaluation, returns its input.
public final class Dropout: Module {
    public let probability: Double

    public init(_ probability: Double) { self.probability = probability }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard isTraining, probability > 0 else { return input }
        guard let shard = Shard.current, !shard.isInChunks, input.count % max(1, shard.rows.count) == 0 else {
            var random = StepRandom.next("dropout")
            return try input.dropout(Float(probability), &random)
        }
        // A shard's mask is its part of the mask of the whole batch.
        var random = StepRandom.nextOfBatch("dropout")
        let first = shard.rows.lowerBound * (input.count / shard.rows.count)
        return try input.dropout(Float(probability), &random, from: first)
    }

    public override var summary: String { "Dropout(\(probability))" }
}
