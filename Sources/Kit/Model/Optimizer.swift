import KitCore
import KitTensor

/// A rule that turns gradients into new weights. The plugin holds the settings; `stepper` binds them to parameters.
public protocol Optimizer: Plugin, ScriptObject {
    /// The learning rate before the schedule's factor.
    var rate: Double { get }
    /// Starts optimising these parameters, with fresh state.
    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper
}

extension Optimizer {
    public static var kind: String { "optimizer" }
}

/// An optimizer at work on a fixed set of parameters.
public protocol OptimizerStepper: AnyObject {
    /// Updates every parameter that has a gradient. Leaves the gradients as they are.
    func step(rate: Double) throws
    /// All state that a resumed run needs, by name ("exp_avg.video.blocks.0..."): loading it back is exact.
    var state: [(name: String, tensor: Tensor)] { get }
    /// Steps taken so far; saved and restored with the state.
    var stepCount: Int { get set }
    /// Where checkpoints of earlier versions keep an entry of `state`: in a vector, at an index. Nil, the default, if they keep
    /// it under its own name.
    func formerPlace(of name: String) -> (vector: String, index: Int)?
}

extension OptimizerStepper {
    public func formerPlace(of name: String) -> (vector: String, index: Int)? { nil }
}

/// How the learning rate changes over a run.
public protocol Schedule: Plugin, ScriptObject {
    /// What the optimizer's rate is multiplied by at one step. `step` counts from 0; `total` is the run's length.
    func factor(step: Int, of total: Int) throws -> Double
}

extension Schedule {
    public static var kind: String { "schedule" }
}
