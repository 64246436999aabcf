import KitCore
import KitTensor

extension Module {
    /// An independent module from the same plugin and options, with copies of these weights and buffers. It shares
    /// modules between its places where this one does.
    ///
    /// Draws no random numbers from the recipe's stream. Throws if the module was not built by a plugin.
    public final func copied() throws -> Module { try ModuleCopies().copy(of: self) }
}

extension ModuleFactory {
    /// Builds the module with copies of the modules that a recipe gave to it, if any.
    package func makeWithCopies() throws -> Module { try makeWithCopies(ModuleCopies()) }

    fileprivate func makeWithCopies(_ copies: ModuleCopies) throws -> Module {
        guard let container = self as? any ModuleContainer else { return try make() }
        return try container.withCopies(copies.copy).make()
    }
}

/// The copies that are made together: one for each module, in however many places it is.
private final class ModuleCopies {
    /// By the original, which the module that is copied keeps alive.
    private var made: [ObjectIdentifier: Module] = [:]

    func copy(of module: Module) throws -> Module {
        if let copy = made[ObjectIdentifier(module)] { return copy }
        let copy = try newCopy(of: module)
        made[ObjectIdentifier(module)] = copy
        return copy
    }

    private func newCopy(of module: Module) throws -> Module {
        guard let factory = module.factory else {
            throw KitError.usage(
                "copy: a \(module.summary) was not built by a plugin: copy the network that it is part of")
        }
        let copy = try WeightSeed.apart(seed: 0) { try factory.makeWithCopies(self) }
        let own = Dictionary(uniqueKeysWithValues: module.stateEntries().map { ($0.name, $0.tensor) })
        let entries = copy.stateEntries()
        // A network that is written in Lua may be another one each time.
        func fault(_ text: String) -> KitError { .usage("copy: \(module.summary) \(text) when it is made again") }
        if let missing = own.keys.sorted().first(where: { name in !entries.contains { $0.name == name } }) {
            throw fault("has no '\(missing)'")
        }
        for entry in entries {
            guard let tensor = own[entry.name] else { throw fault("has another tensor, '\(entry.name)',") }
            guard tensor.shape == entry.tensor.shape else {
                throw fault("has '\(entry.name)' of shape \(entry.tensor.shape) instead of \(tensor.shape)")
            }
            guard tensor !== entry.tensor else {
                throw KitError.usage(
                    "copy: \(module.summary) gives out the same '\(entry.name)' each time it is made: "
                        + "make its parts inside 'parts'")
            }
            entry.tensor.pointer.update(from: tensor.pointer, count: tensor.count)
        }
        copy.train(module.isTraining)
        return copy
    }
}
