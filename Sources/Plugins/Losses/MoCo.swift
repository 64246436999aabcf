import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MoCo.self) }

/// -ln(exp(sim(q_i, k_i) / T) / (exp(sim(q_i, k_i) / T) + sum over the queue of exp(sim(q_i, k) / T))), averaged, with
/// the cosine similarity. After a step that records gradients, its keys replace the oldest in the queue, once: several
/// calls in a step, with the same or other queries and keys, all have the same negatives.
///
/// The queue is state: a loss in the modules of `kit.train` is saved with the checkpoints. Its first keys are random.
final class MoCo: StatefulLoss {
    static let name = "moco"
    static let summary =
        "Contrastive loss of queries against their keys, [batch, features] each, whose negatives are a queue of keys of earlier batches: name it in the modules of kit.train."
    static let reference =
        "He et al. 2020 (MoCo), equation 1 and algorithm 1; as lightly's NTXentLoss with a memory bank"

    @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
    var temperature: Double = 0.07

    @Param("Number of keys in the queue: the negatives of each query.", in: 1...16_777_216, from: .inferred)
    var queue: Int = 65536

    @Param("Width of the embeddings.", in: 1...1_048_576, from: .inferred)
    var features: Int = 128

    private(set) lazy var state: Module = {
        let keys = WeightSeed.withNextStream { Tensor.normal([queue, features], mean: 0, deviation: 1, &$0) }
        let state = LossState(Self.name)
        state.register(buffer: "queue", Autograd.noGrad { (try? keys.l2Normalized()) ?? keys })
        state.register(buffer: "queue_ptr", Tensor(0), stored: .counter)
        return state
    }()

    /// The keys of the current step, each once.
    private var entering: (step: StepScope, keys: [Tensor])?

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        guard a.shape[1] == features else {
            throw KitError.usage(
                "\(Self.name): its queue has keys of \(features) features (option 'features'), "
                    + "given \(a.shape.described(by: ["batch", "features"]))")
        }
        let (queries, keys) = (try a.l2Normalized(), try b.l2Normalized())
        // A copy, because the queue changes before the gradient is computed.
        let earlier = state.tensor("queue").copied()
        let positive = try (queries * keys).sum([1], keepDims: true)
        let logits = try Tensor.concat([positive, queries.matmul(earlier, transposeB: true)], axis: 1)
        if queries.needsGrad {
            // Incomplete results must not be kept.
            try Interrupt.check()
            enter(keys)
        }
        return try -(logits * Float(1 / temperature)).logSoftmax().slice(axis: 1, 0..<1).mean()
    }

    /// Adds keys to the queue at the end of the step, unless another call in it has added them; outside of training, at
    /// once.
    private func enter(_ keys: Tensor) {
        guard let step = StepScope.current else { return enqueue(keys) }
        if entering?.step !== step {
            entering = (step, [])
            step.atEnd { [self] in
                for keys in entering?.keys ?? [] { enqueue(keys) }
                entering = nil
            }
        }
        guard entering?.keys.contains(where: { $0.shape == keys.shape && $0.values == keys.values }) == false else {
            return
        }
        // Keep only their values, so that the graph can be freed.
        entering?.keys.append(keys.copied())
    }

    private func enqueue(_ keys: Tensor) {
        let (all, place) = (state.tensor("queue"), state.tensor("queue_ptr"))
        // Loaded weights may contain anything.
        let start = max(0, Int(saturating: Double(place.pointer[0]))) % queue
        for row in 0..<keys.shape[0] {
            (all.pointer + (start + row) % queue * features).update(
                from: keys.pointer + row * features, count: features)
        }
        place.pointer[0] = Float((start + keys.shape[0]) % queue)
    }
}
