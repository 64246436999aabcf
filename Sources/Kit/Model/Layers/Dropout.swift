import KitCore
import KitTensor

/// In training, sets elements to 0 with a given probability and scales the others up. In evaluation, returns its input.
public final class Dropout: Module {
    public let probability: Double

    public init(_ probability: Double) { self.probability = probability }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard isTraining, probability > 0 else { return input }
        var random = StepRandom.next("dropout")
        return try input.dropout(Float(probability), &random)
    }

    public override var summary: String { "Dropout(\(probability))" }
}
