import KitCore
import KitTensor

/// A rule that turns gradients into new weights. The plugin holds the settings; `stepper` binds them to parameters.
public protocol Optimizer: Plugin, ScriptObject {
    /// The learning rate before the schedule's factor.
    var learningRate: Double { get }
    /// Starts to optimise these parameters, with fresh state.
    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper
}

extension Optimizer {
    public static var kind: String { "optimizer" }
}

/// A running optimizer for a fixed set of parameters.
public protocol OptimizerStepper: AnyObject {
    /// Updates every parameter that has a gradient. Does not change the gradients.
    func step(rate: Double) throws
    /// All state that a resumed run needs, by name ("exp_avg.video.blocks.0..."). Loading it restores the exact state.
    var state: [(name: String, tensor: Tensor)] { get }
    /// The number of steps so far, saved and restored with the state.
    var stepCount: Int { get set }
    /// The place of an entry of `state` in checkpoints of earlier versions: a vector and an index. Nil, the default, if
    /// it has always had its own name.
    func formerPlace(of name: String) -> (vector: String, index: Int)?
}

extension OptimizerStepper {
    public func formerPlace(of name: String) -> (vector: String, index: Int)? { nil }
}

/// How the learning rate changes over a run.
public protocol Schedule: Plugin, ScriptObject {
    /// The factor of the learning rate at a step. `step` counts from 0; `total` is the number of steps of the run.
    func factor(step: Int, of total: Int) throws -> Double
}

extension Schedule {
    public static var kind: String { "schedule" }
}
