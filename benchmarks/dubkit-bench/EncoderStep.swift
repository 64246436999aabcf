import Kit

/// One encoder on one batch: forward, backward, AdamW. The loss is the mean square of the features.
final class EncoderStep: Workload {
    private let module: Module
    private let input: Tensor
    private let optimizer: any OptimizerStepper

    init(_ spec: Spec) throws {
        module = try spec.plugin("encoder", kind: "encoder", as: Module.self)
        try module.loadWeights(from: spec.get("weights"))
        input = try .encoderInput(spec.get("input"))
        optimizer = try spec.plugin("optimizer", kind: "optimizer", as: (any Optimizer).self)
            .stepper(for: module.namedParameters())
    }

    /// Features in evaluation, and the loss of the first step in training, which is made.
    func check() throws -> [String: [Float]] {
        module.train(false)
        let features = try Autograd.noGrad { try module(input) }.values
        module.train()
        return ["features": Array(features.prefix(4096)), "loss": [try step()]]
    }

    func run() throws -> Double { try seconds { _ = try step() } }

    private func step() throws -> Float {
        let loss = try module(input).squared().mean()
        try loss.backward()
        try optimizer.step(rate: 1e-4)
        module.clearGradients()
        return try loss.item()
    }
}

/// The features of one batch, without gradients, as embeddings of many batches are made: the weights stay.
final class Inference: Workload {
    private let module: Module
    private let input: Tensor
    private let weights = PackedWeights()

    init(_ spec: Spec) throws {
        module = try spec.plugin("encoder", kind: "encoder", as: Module.self)
        try module.loadWeights(from: spec.get("weights"))
        module.train(false)
        input = try .encoderInput(spec.get("input"))
    }

    func check() throws -> [String: [Float]] { ["features": Array(try features().values.prefix(4096))] }

    func run() throws -> Double { try seconds { _ = try features() } }

    private func features() throws -> Tensor { try weights.kept { try Autograd.noGrad { try module(input) } } }
}
