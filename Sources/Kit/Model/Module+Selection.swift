import KitCore
import KitTensor

/// Parameters and modules by a pattern of their names.
extension Module {
    /// The parameters that a pattern covers, by their own names or that of a module around them; all without a pattern.
    ///
    /// Throws an error with the names of the parts if there is none, or with the modules that it covers if these have none.
    public final func parameters(_ pattern: String?) throws -> [(name: String, tensor: Tensor)] {
        let all = namedParameters()
        guard let pattern else { return all }
        let wanted = try NamePattern(pattern)
        let found = all.filter { wanted.covers($0.name) }
        guard found.isEmpty else { return found }
        let empty = allModules.filter { wanted.matches($0.name) }.map { "\"\($0.name)\"" }
        guard empty.isEmpty else {
            let names = empty.joined(separator: ", ")
            throw KitError.usage("\(summary): \(names) \(empty.count == 1 ? "has" : "have") no parameters")
        }
        throw noMatch(pattern, "parameter", all.map(\.name))
    }

    /// The modules inside this one with their names, at any depth, in order.
    private var allModules: [(name: String, module: Module)] { children.flatMap { $0.module.namedModules($0.name) } }

    /// The modules inside this one whose names a pattern covers whole, in order. Throws if there is none.
    final func modules(_ pattern: String) throws -> [(name: String, module: Module)] {
        let all = allModules
        let wanted = try NamePattern(pattern)
        let found = all.filter { wanted.matches($0.name) }
        guard !found.isEmpty else { throw noMatch(pattern, "module", all.map(\.name)) }
        return found
    }

    /// The names of the modules inside this one that a pattern covers whole. Throws if there is none.
    package final func moduleNames(_ pattern: String) throws -> [String] { try modules(pattern).map(\.name) }

    private func noMatch(_ pattern: String, _ what: String, _ names: [String]) -> KitError {
        let hint = NearestName.hint(pattern.replacing("%", with: ""), in: names)
        let parts = partNames.prefix(24).joined(separator: ", ")
        return .usage("\(summary): no \(what) matches \"\(pattern)\"\(hint) (its parts are: \(parts))")
    }

    /// Excludes parameters from training: they get no gradients, and optimizers do not change them.
    ///
    /// - Parameters:
    ///   - pattern: the parameters, by their names or that of a module around them; nil for all.
    ///   - statistics: whether the running statistics of batch norms whose weights are frozen stand still too, so that
    ///     these layers compute the same in training as in evaluation.
    public final func freeze(_ pattern: String?, statistics: Bool) throws {
        for parameter in try parameters(pattern) {
            parameter.tensor.requiresGrad = false
            parameter.tensor.grad = nil
        }
        if statistics { for norm in batchNorms where norm.isFrozen { norm.isStill = true } }
    }

    /// Trains parameters again that were frozen, and lets the statistics of their batch norms move.
    public final func unfreeze(_ pattern: String? = nil) throws {
        for parameter in try parameters(pattern) { parameter.tensor.requiresGrad = true }
        for norm in batchNorms where !norm.isFrozen { norm.isStill = false }
    }

    /// Whether it has parameters and all of them are frozen.
    public final var isFrozen: Bool {
        let all = namedParameters()
        return !all.isEmpty && !all.contains(where: \.tensor.requiresGrad)
    }

    /// The batch norms whose weights are frozen but whose statistics move in training.
    public final var hasMovingFrozenNorms: Bool {
        batchNorms.contains { $0.isFrozen && $0.isTraining && !$0.isStill }
    }

    private var batchNorms: [BatchNorm] { namedModules("").compactMap { $0.module as? BatchNorm } }
}
