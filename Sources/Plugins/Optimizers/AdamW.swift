import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AdamW.self) }

/// w = w - rate (d w + m / (sqrt(v) + epsilon)), with the bias-corrected running mean m and mean square v of the gradient.
final class AdamW: Optimizer {
    static let name = "adamw"
    static let summary = "Adam with decoupled weight decay."
    static let reference =
        "Loshchilov and Hutter 2019, Decoupled weight decay regularization; as PyTorch's torch.optim.AdamW"

    @Param("Learning rate, before the schedule's factor.", in: 0...1000, from: .inferred, was: "rate")
    var learningRate: Double = 1e-3

    @Param("How much of the gradient's running mean a step keeps.", in: 0...0.9999, from: .inferred)
    var beta1: Double = 0.9

    @Param("How much of the gradient's running mean square a step keeps.", in: 0...0.999999, from: .inferred)
    var beta2: Double = 0.999

    @Param("Added to the denominator for stability.", in: 1e-12...1, from: .inferred)
    var epsilon: Double = 1e-8

    @Param("Decoupled decay: each step removes learning rate x this share of a weight.", in: 0...1, from: .inferred)
    var weightDecay: Double = 0.01

    @Param("Whether to decay biases, the scales and shifts of norms, class tokens and positions too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        AdamWStepper(self, parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) })
    }
}

/// A running AdamW. Each tensor counts its own steps, so that one whose first gradient comes late starts with its own
/// bias correction.
private final class AdamWStepper: OptimizerStepper {
    /// A tensor with its state.
    private struct Moments {
        let trained: TrainedTensor
        let mean: Tensor
        let square: Tensor
        /// The number of its steps, a scalar.
        let steps = Tensor(0)

        init(_ trained: TrainedTensor) {
            self.trained = trained
            mean = Tensor(zerosOnceNeeded: trained.tensor.shape)
            square = Tensor(zerosOnceNeeded: trained.tensor.shape)
        }
    }

    var stepCount = 0
    private let settings: AdamW
    private let moments: [Moments]

    init(_ settings: AdamW, _ trained: [TrainedTensor]) {
        self.settings = settings
        moments = trained.map(Moments.init)
    }

    func step(rate: Double) throws {
        var (updates, counts): ([WeightUpdate], [Int]) = ([], [])
        for each in moments {
            guard let update = each.trained.update([each.mean, each.square]) else { continue }
            each.steps.pointer[0] += 1
            updates.append(update)
            counts.append(Int(saturating: Double(each.steps.pointer[0])))
        }
        OptimizerUpdate.adamw(
            updates, steps: counts, rate: rate, betas: (settings.beta1, settings.beta2), epsilon: settings.epsilon)
        stepCount += 1
    }

    var state: [(name: String, tensor: Tensor)] {
        moments.flatMap {
            [
                ("step.\($0.trained.name)", $0.steps), ("exp_avg.\($0.trained.name)", $0.mean),
                ("exp_avg_sq.\($0.trained.name)", $0.square),
            ]
        }
    }

    /// In earlier versions, the counts of steps were one vector, in the order of the tensors.
    func formerPlace(of name: String) -> (vector: String, index: Int)? {
        moments.firstIndex { "step.\($0.trained.name)" == name }.map { ("step", $0) }
    }
}
