import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Muon.self) }

/// For matrices: w = w - rate (sqrt(max(1, rows / columns)) O + d w), where O has the singular vectors of the momentum,
/// and singular values near 1. A convolution's weight is a matrix with a row for each output channel. All other
/// parameters are trained by AdamW.
final class Muon: Optimizer {
    static let name = "muon"
    static let summary =
        "Muon: steps whose singular values are all near 1, for weights of linear layers and convolutions; AdamW for the others."
    static let reference =
        "Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks; as PyTorch's torch.optim.Muon, but in float32"

    @Param("Learning rate of matrices, before the schedule's factor.", in: 0...1000, from: .inferred)
    var learningRate: Double = 0.02

    @Param("How much of the momentum a step keeps.", in: 0...0.9999, from: .inferred)
    var momentum: Double = 0.95

    @Param("Whether to look ahead along the momentum (Nesterov).", from: .inferred)
    var nesterov: Bool = true

    @Param(
        "Decoupled decay of matrices: each step removes learning rate x this share of a weight.", in: 0...100,
        from: .inferred)
    var weightDecay: Double = 0.1

    @Param("Number of Newton-Schulz iterations.", in: 1...99, from: .inferred)
    var iterations: Int = 5

    @Param("Learning rate of AdamW for all other parameters, with the same schedule.", in: 0...1000, from: .inferred)
    var otherLearningRate: Double = 3e-4

    init() {}

    func validate() throws {
        guard learningRate > 0 || otherLearningRate == 0 else {
            throw KitError.usage("option 'learning_rate' must be above 0 unless 'other_learning_rate' is 0 too")
        }
    }

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        let trained = parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: false) }
        return MuonStepper(self, trained)
    }
}

private final class MuonStepper: OptimizerStepper {
    var stepCount = 0 {
        didSet { others.stepCount = stepCount }
    }
    private let settings: Muon
    private let matrices: [TrainedTensor]
    private let momenta: [Tensor]
    private let others: AdamStepper

    init(_ settings: Muon, _ trained: [TrainedTensor]) {
        self.settings = settings
        matrices = trained.filter { !$0.isExempt }
        momenta = matrices.map { Tensor(zerosOnceNeeded: $0.tensor.shape) }
        others = AdamStepper(trained.filter(\.isExempt), betas: (0.9, 0.95), epsilon: 1e-10)
    }

    func step(rate: Double) throws {
        try Autograd.noGrad {
            for (trained, momentum) in zip(matrices, momenta) {
                guard let gradient = trained.tensor.grad?.detached() else { continue }
                let beta = Float(settings.momentum)
                try momentum.assign(momentum * beta + gradient * (1 - beta))
                let direction = settings.nesterov ? try gradient * (1 - beta) + momentum * beta : momentum
                let rows = trained.tensor.shape[0]
                let matrix = try direction.reshaped([rows, -1])
                let columns = matrix.shape[1]
                let step = try Self.orthogonal(matrix, iterations: settings.iterations)
                    .reshaped(trained.tensor.shape)
                let scale = Float(rate * max(1, Double(rows) / Double(max(1, columns))).squareRoot())
                let weight = trained.tensor
                try weight.assign(weight.detached() * (1 - Float(rate) * trained.decay) - step * scale)
            }
        }
        let share = settings.learningRate > 0 ? settings.otherLearningRate / settings.learningRate : 0
        try others.step(rate: rate * share)
        stepCount += 1
    }

    /// A matrix with the same singular vectors and singular values near 1.
    private static func orthogonal(_ matrix: Tensor, iterations: Int) throws -> Tensor {
        guard matrix.count > 0 else { return matrix }
        let isTall = matrix.shape[0] > matrix.shape[1]
        var x = isTall ? try matrix.transposed() : matrix
        x = try x / max(1e-7, x.norm().item())
        for _ in 0..<iterations {
            let gram = try x.matmul(x, transposeB: true)
            let update = try gram * -4.7750 + gram.matmul(gram) * 2.0315
            x = try x * 3.4445 + update.matmul(x)
        }
        return isTall ? try x.transposed() : x
    }

    var state: [(name: String, tensor: Tensor)] {
        zip(matrices, momenta).map { ("momentum_buffer.\($0.name)", $1) } + others.state
    }
}
