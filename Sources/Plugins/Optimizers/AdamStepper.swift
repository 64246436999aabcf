import Kit

/// A running Adam, for AdamW and Adam. Each tensor counts its own steps, so that one whose first gradient comes late
/// starts with its own bias correction.
final class AdamStepper: OptimizerStepper {
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
    private let betas: (Double, Double)
    private let epsilon: Double
    private let moments: [Moments]
    private let isCoupled: Bool

    /// - Parameters:
    ///   - trained: the tensors with their decays.
    ///   - betas: the shares of the first and second moments that a step keeps.
    ///   - epsilon: added to the square root of the second moment.
    ///   - isCoupled: whether the decay is added to the gradient, as in Adam, instead of taken off the weight.
    init(_ trained: [TrainedTensor], betas: (Double, Double), epsilon: Double, isCoupled: Bool = false) {
        (self.betas, self.epsilon, self.isCoupled) = (betas, epsilon, isCoupled)
        moments = trained.map(Moments.init)
    }

    func step(rate: Double) throws {
        var (updates, counts): ([WeightUpdate], [Int]) = ([], [])
        for each in moments {
            guard var update = each.trained.update([each.mean, each.square]) else { continue }
            if isCoupled, update.decay > 0 {
                let gradient = try Autograd.noGrad { try update.gradient + update.weight.detached() * update.decay }
                update = WeightUpdate(update.weight, gradient, state: update.state, decay: 0)
            }
            each.steps.pointer[0] += 1
            updates.append(update)
            counts.append(Int(saturating: Double(each.steps.pointer[0])))
        }
        OptimizerUpdate.adamw(updates, steps: counts, rate: rate, betas: betas, epsilon: epsilon)
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
