import CKernels
import KitCore

/// A weight tensor in an optimizer's step, with its gradient.
public struct WeightUpdate {
    public let weight: Tensor
    public let gradient: Tensor
    /// The optimizer's state: the velocity of momentum; Adam's mean and mean square.
    public let state: [Tensor]
    /// The weight decay of this tensor.
    public let decay: Float

    public init(_ weight: Tensor, _ gradient: Tensor, state: [Tensor], decay: Float) {
        self.weight = weight
        self.gradient = gradient
        self.state = state
        self.decay = decay
        // Allocate zeros that were not needed so far, before all threads write to them.
        for tensor in state { _ = tensor.storage }
    }
}

/// In-place updates of weights: one pass over the memory of all tensors, on all threads.
public enum OptimizerUpdate {
    /// d = scale (gradient + decay weight); velocity = momentum velocity + d;
    /// weight -= rate (d + momentum velocity if Nesterov, else velocity).
    ///
    /// - Parameters:
    ///   - updates: the weights with their gradients and velocities.
    ///   - scales: one for each update.
    ///   - rate: the learning rate.
    ///   - momentum: the share of the velocity that a step keeps.
    ///   - nesterov: whether the step looks ahead along the velocity.
    public static func momentum(
        _ updates: [WeightUpdate], scales: [Float], rate: Float, momentum: Float, nesterov: Bool
    ) {
        forEachTile(of: updates.map(\.weight.count)) { index, start, count in
            let update = updates[index]
            dk_active.pointee.momentum_update(
                update.weight.pointer + start, update.gradient.pointer + start, update.state[0].pointer + start, count,
                rate, momentum, scales[index], update.decay, nesterov)
        }
    }

    /// average = decay average + (1 - decay) value, for each average and its value.
    public static func average(_ averages: [Tensor], with values: [Tensor], decay: Float) {
        forEachTile(of: averages.map(\.count)) { index, start, count in
            dk_active.pointee.average_update(
                averages[index].pointer + start, values[index].pointer + start, count, 1 - decay)
        }
    }

    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019, "Decoupled weight decay regularization").
    ///
    /// - Parameters:
    ///   - updates: the weights with their gradients and both moments.
    ///   - steps: for each update, the number of steps of its tensor, including this one.
    ///   - rate: the learning rate.
    ///   - betas: the shares of the first and second moments that a step keeps.
    ///   - epsilon: added to the square root of the second moment.
    public static func adamw(
        _ updates: [WeightUpdate], steps: [Int], rate: Double, betas: (Double, Double), epsilon: Double
    ) {
        func correction(_ beta: Double, _ step: Int) -> Float {
            var (power, factor, rest) = (1.0, beta, step)
            while rest > 0 {
                if rest & 1 == 1 { power *= factor }
                factor *= factor
                rest >>= 1
            }
            return Float(1 - power)
        }
        let settings = zip(updates, steps).map { update, step in
            dk_adamw(
                rate: Float(rate), beta1: Float(betas.0), beta2: Float(betas.1), epsilon: Float(epsilon),
                decay: update.decay, correction1: correction(betas.0, step), correction2: correction(betas.1, step))
        }
        forEachTile(of: updates.map(\.weight.count)) { index, start, count in
            let update = updates[index]
            withUnsafePointer(to: settings[index]) {
                dk_active.pointee.adamw_update(
                    update.weight.pointer + start, update.gradient.pointer + start, update.state[0].pointer + start,
                    update.state[1].pointer + start, count, $0)
            }
        }
    }

    /// Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2).
    ///
    /// - Parameters:
    ///   - updates: the weights with their gradients and momenta.
    ///   - rate: the learning rate.
    ///   - betas: the share of the momentum in the direction of the step, and the share that a step keeps.
    public static func lion(_ updates: [WeightUpdate], rate: Float, betas: (Float, Float)) {
        forEachTile(of: updates.map(\.weight.count)) { index, start, count in
            let update = updates[index]
            let (weight, gradient) = (update.weight.pointer + start, update.gradient.pointer + start)
            let (momentum, decay) = (update.state[0].pointer + start, 1 - rate * update.decay)
            for place in 0..<count {
                let direction = betas.0 * momentum[place] + (1 - betas.0) * gradient[place]
                let sign: Float = direction > 0 ? 1 : direction < 0 ? -1 : 0
                weight[place] = weight[place] * decay - rate * sign
                momentum[place] = betas.1 * momentum[place] + (1 - betas.1) * gradient[place]
            }
        }
    }

    /// Calls `body(tensor, first element, count)` for tiles of tensors of these sizes, in one parallel loop, so that
    /// small tensors leave no thread idle.
    private static func forEachTile(of counts: [Int], _ body: (Int, Int, Int) -> Void) {
        let grain = 1 << 15
        let tiles = counts.indices.flatMap { index in
            stride(from: 0, to: counts[index], by: grain).map { (index, $0) }
        }
        // Many tensors have only a few hundred elements, so several tiles make one task.
        let task = 16
        // The update is in place, so it must not be abandoned halfway.
        ThreadPool.whole {
            ThreadPool.shared.forEachRange(tiles.count, grain: task) { range in
                for (index, start) in tiles[range] { body(index, start, min(grain, counts[index] - start)) }
            }
        }
    }
}
