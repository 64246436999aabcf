import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AdamW.self) }

/// w = w - rate (d w + m / (sqrt(v) + epsilon)), with the bias-corrected running mean m and mean square v of the gradient.
final class AdamW: Optimizer {
    static let name = "adamw"
    static let summary = "Adam with decoupled weight decay."
    static let source =
        "Loshchilov and Hutter 2019, Decoupled weight decay regularization; as PyTorch's torch.optim.AdamW"

    @Param("Learning rate, before the schedule's factor.", in: 0...1000, from: .inferred)
    var rate: Double = 1e-3

    @Param("How much of the gradient's running mean a step keeps.", in: 0...0.9999, from: .inferred)
    var beta1: Double = 0.9

    @Param("How much of the gradient's running mean square a step keeps.", in: 0...0.999999, from: .inferred)
    var beta2: Double = 0.999

    @Param("Added to the root that is divided by.", in: 1e-12...1, from: .inferred)
    var epsilon: Double = 1e-8

    @Param("Times the rate, the share of a weight that a step takes away.", in: 0...1, from: .inferred)
    var weightDecay: Double = 0.01

    @Param("Decays biases and the scales and shifts of norms too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        AdamWStepper(self, parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) })
    }
}

/// AdamW at work. Each tensor counts its own steps, so that one that gets its first gradient late starts afresh.
private final class AdamWStepper: OptimizerStepper {
    var stepCount = 0
    private let settings: AdamW
    private let trained: [TrainedTensor]
    private let means: [Tensor]
    private let squares: [Tensor]
    /// Steps that each tensor has made.
    private let steps: Tensor

    init(_ settings: AdamW, _ trained: [TrainedTensor]) {
        self.settings = settings
        self.trained = trained
        means = trained.map { Tensor(zerosOnceNeeded: $0.tensor.shape) }
        squares = trained.map { Tensor(zerosOnceNeeded: $0.tensor.shape) }
        steps = .zeros([trained.count])
    }

    func step(rate: Double) throws {
        var (updates, counts): ([WeightUpdate], [Int]) = ([], [])
        for (index, each) in trained.enumerated() {
            guard let update = each.update([means[index], squares[index]]) else { continue }
            steps.pointer[index] += 1
            updates.append(update)
            counts.append(Int(saturating: Double(steps.pointer[index])))
        }
        OptimizerUpdate.adamw(
            updates, steps: counts, rate: rate, betas: (settings.beta1, settings.beta2), epsilon: settings.epsilon)
        stepCount += 1
    }

    var state: [(name: String, tensor: Tensor)] {
        [("step", steps)]
            + trained.indices.flatMap { index in
                [
                    ("exp_avg.\(trained[index].name)", means[index]),
                    ("exp_avg_sq.\(trained[index].name)", squares[index]),
                ]
            }
    }
}
