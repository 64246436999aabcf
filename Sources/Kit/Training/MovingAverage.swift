import KitCore
import KitTensor

/// An exponential moving average of parameters (Polyak and Juditsky 1992): average = decay * average + (1 - decay) * value.
package final class MovingAverage {
    /// The averages, one for each parameter.
    let tensors: [Tensor]
    private let parameters: [Tensor]
    private let decay: Float

    /// Starts at the current values of the parameters.
    package init(of parameters: [Tensor], decay: Double) {
        self.parameters = parameters
        self.decay = Float(decay)
        tensors = parameters.map { $0.copied() }
    }

    var bytes: Int { tensors.reduce(0) { $0 + $1.count * 4 } }

    /// Updates the averages after a step.
    package func update() { OptimizerUpdate.average(tensors, with: parameters, decay: decay) }

    /// Runs `body` with the averages in place of the parameters. Values that it writes to the parameters become the
    /// averages.
    package func inPlace<Result>(_ body: () throws -> Result) rethrows -> Result {
        swap()
        defer { swap() }
        return try body()
    }

    private func swap() {
        for (parameter, average) in zip(parameters, tensors) {
            let value = parameter.copied()
            parameter.pointer.update(from: average.pointer, count: average.count)
            average.pointer.update(from: value.pointer, count: average.count)
        }
    }
}
