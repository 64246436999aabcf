import KitModel
import KitTensor

extension Module {
    /// Runs `body` with these modules in evaluation mode and without gradients, then restores the mode of every layer.
    /// Weights must not change meanwhile, because convolutions keep their packed weights between calls.
    package static func evaluating<Result>(_ modules: [Module], _ body: () throws -> Result) rethrows -> Result {
        let modes = modules.flatMap(\.modes)
        for module in modules { module.train(false) }
        // Outer modules come first, so that the modes of the modules inside them are restored after.
        defer { for (module, isTraining) in modes { module.train(isTraining) } }
        return try PackedWeights().kept { try Autograd.noGrad(body) }
    }

    private var modes: [(module: Module, isTraining: Bool)] {
        [(self, isTraining)] + children.flatMap { $0.module.modes }
    }
}
