import KitCore
import KitTensor

/// Loads and saves weights with the names and layouts of PyTorch: `load_state_dict(strict=True)` works in both
/// directions.
extension Module {
    /// Writes all parameters and buffers to a safetensors file, with more entries for its metadata.
    public final func saveWeights(to path: String, metadata: [String: String] = [:]) throws {
        try SafetensorsWriter.write(
            try stateEntries().map { try $0.stored() },
            metadata: ["format": "pt"].merging(metadata) { _, given in given }, to: path)
    }

    /// Loads all parameters and buffers from a safetensors file.
    ///
    /// Strict: if a name is missing or unexpected, or a shape differs, throws an error that lists them, and changes
    /// nothing.
    ///
    /// - Parameters:
    ///   - path: the safetensors file.
    ///   - prefix: only names in the file that start with this and a dot are loaded, without it: one module of several.
    ///   - except: names to ignore on both sides, with all names below them: a classifier that is not wanted, or a
    ///     projection that the file lacks.
    public final func loadWeights(from path: String, prefix: String = "", except: [String] = []) throws {
        try loadWeights(from: SafetensorsFile(path), prefix: prefix, except: except)
    }

    /// The same from a file of any format.
    public final func loadWeights(from file: any TensorFile, prefix: String = "", except: [String] = []) throws {
        let start = prefix.isEmpty || prefix.hasSuffix(".") ? prefix : prefix + "."
        func isWanted(_ name: String) -> Bool { !except.contains { name == $0 || name.hasPrefix("\($0).") } }
        let entries = stateEntries().filter { isWanted($0.name) }
        let names = file.names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        try checkFit(entries, names.filter(isWanted), file, start)
        let stored = try entries.map { try file.tensor(start + $0.name) }
        for (entry, tensor) in zip(entries, stored) { try entry.load(tensor) }
    }

    private func checkFit(_ entries: [StateEntry], _ given: [String], _ file: any TensorFile, _ start: String) throws {
        let (here, there) = (Set(entries.map(\.name)), Set(given))
        let missing = entries.map(\.name).filter { !there.contains($0) }
        let unexpected = given.filter { !here.contains($0) }
        let unlike = try entries.filter { there.contains($0.name) }.compactMap { entry -> String? in
            let shape = try file.shape(start + entry.name)
            return shape == entry.storedShape
                ? nil : "'\(entry.name)' is \(shape) in the file, but should be \(entry.storedShape)"
        }
        guard !missing.isEmpty || !unexpected.isEmpty || !unlike.isEmpty else { return }
        var faults: [String] = []
        func note(_ what: String, _ items: [String]) {
            guard !items.isEmpty else { return }
            let more = items.count > 5 ? " and \(items.count - 5) more" : ""
            faults.append("\(what): \(items.prefix(5).joined(separator: ", "))\(more)")
        }
        note("missing", missing.map { "'\($0)'" })
        note("unexpected", unexpected.map { "'\($0)'\(NearestName.hint($0, in: missing))" })
        note("other shape", unlike)
        throw KitError(
            .configuration, "\(file.path): these are not the weights of \(summary); \(faults.joined(separator: "; "))")
    }
}
