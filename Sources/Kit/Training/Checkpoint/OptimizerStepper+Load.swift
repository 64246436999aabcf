import KitCore
import KitModel
import KitTensor

extension OptimizerStepper {
    /// Loads the state from a file that must contain exactly its entries, as written by this version or an earlier one.
    /// Throws at the first difference and changes nothing.
    func load(_ path: String) throws {
        let file = try SafetensorsFile(path)
        let stored = Set(file.names)
        let entries = state.map { name, tensor -> (name: String, tensor: Tensor, stored: String, index: Int?) in
            guard !stored.contains(name), let former = formerPlace(of: name), stored.contains(former.vector) else {
                return (name, tensor, name, nil)
            }
            return (name, tensor, former.vector, former.index)
        }
        let known = entries.reduce(into: [String: Int]()) { $0[$1.stored, default: 0] += 1 }
        let difference =
            entries.first { !stored.contains($0.stored) }.map { "has no '\($0.name)'" }
            ?? file.names.first { known[$0] == nil }.map {
                "has '\($0)'\(NearestName.hint($0, in: known.keys.sortedByBytes()))"
            }
            ?? entries.compactMap { entry in
                let shape = entry.index == nil ? entry.tensor.shape : [known[entry.stored] ?? 0]
                return (try? file.entry(entry.stored).shape) == shape
                    ? nil : "has '\(entry.stored)' in another shape than \(shape)"
            }.first
        if let difference { throw KitError(.configuration, "the checkpoint is of another optimizer: it \(difference)") }
        for entry in entries {
            let values = try file.tensor(entry.stored)
            entry.tensor.pointer.update(from: values.pointer + (entry.index ?? 0), count: entry.tensor.count)
        }
    }
}
