import KitModel
import KitTensor

extension Module {
    /// Runs `body` with these modules in evaluation mode and without recording gradients, then puts every layer's mode back.
    /// No weight may change meanwhile: what convolutions make of theirs is kept from call to call.
    package static func evaluating<Result>(_ modules: [Module], _ body: () throws -> Result) rethrows -> Result {
        let modes = modules.flatMap(\.modes)
        for module in modules { module.train(false) }
        // Outer modules come first, so that what they switch below them is put right after.
        defer { for (module, isTraining) in modes { module.train(isTraining) } }
        return try PackedWeights().kept { try Autograd.noGrad(body) }
    }

    private var modes: [(module: Module, isTraining: Bool)] {
        [(self, isTraining)] + children.flatMap { $0.module.modes }
    }
}
