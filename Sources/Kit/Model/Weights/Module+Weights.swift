import KitCore
import KitTensor

/// Weights in and out, by the names and in the layouts of PyTorch: `load_state_dict(strict=True)` works both ways.
extension Module {
    /// Writes all parameters and buffers to a safetensors file.
    public final func saveWeights(to path: String) throws {
        try SafetensorsWriter.write(try stateEntries().map { try $0.stored() }, metadata: ["format": "pt"], to: path)
    }

    /// Overwrites all parameters and buffers with those of a safetensors file.
    ///
    /// Strict: throws, with nothing changed, if a name is missing or left over or a shape differs; the error lists them.
    ///
    /// - Parameters:
    ///   - path: of the safetensors file.
    ///   - prefix: takes only the file's names that start with this and a dot, without it: one module of several.
    ///   - except: leaves out, on both sides, names that are one of these or start with one and a dot: a classifier
    ///     that is not wanted, or a projection that the file does not have.
    public final func loadWeights(from path: String, prefix: String = "", except: [String] = []) throws {
        let file = try SafetensorsFile(path)
        let start = prefix.isEmpty || prefix.hasSuffix(".") ? prefix : prefix + "."
        func isWanted(_ name: String) -> Bool { !except.contains { name == $0 || name.hasPrefix("\($0).") } }
        let entries = stateEntries().filter { isWanted($0.name) }
        let names = file.names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        try checkFit(entries, names.filter(isWanted), file, start)
        let stored = try entries.map { try file.tensor(start + $0.name) }
        for (entry, tensor) in zip(entries, stored) { try entry.load(tensor) }
    }

    private func checkFit(_ entries: [StateEntry], _ given: [String], _ file: SafetensorsFile, _ start: String) throws {
        let (here, there) = (Set(entries.map(\.name)), Set(given))
        let missing = entries.map(\.name).filter { !there.contains($0) }
        let unexpected = given.filter { !here.contains($0) }
        let unlike = try entries.filter { there.contains($0.name) }.compactMap { entry -> String? in
            let shape = try file.entry(start + entry.name).shape
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
