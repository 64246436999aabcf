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

    /// Loads all parameters and buffers from a safetensors file, or a file of `torch.save`.
    ///
    /// Strict: if a name is missing or unexpected, or a shape differs, throws an error that lists them, and changes
    /// nothing.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - prefix: only names in the file that start with this and a dot are loaded, without it: one module of several.
    ///   - except: names to ignore on both sides, with all names below them: a classifier that is not wanted, or a
    ///     projection that the file lacks.
    ///   - positions: how tables of positions of another length are brought to the module's; nil if they are an error.
    public final func loadWeights(
        from path: String, prefix: String = "", except: [String] = [], positions: PositionResizing? = nil
    ) throws {
        try loadWeights(from: openTensorFile(path), prefix: prefix, except: except, positions: positions)
    }

    /// The same from a file of any format.
    public final func loadWeights(
        from file: any TensorFile, prefix: String = "", except: [String] = [], positions: PositionResizing? = nil
    ) throws {
        let start = prefix.isEmpty || prefix.hasSuffix(".") ? prefix : prefix + "."
        func isWanted(_ name: String) -> Bool { !except.contains { name == $0 || name.hasPrefix("\($0).") } }
        let entries = stateEntries().filter { isWanted($0.name) }
        let names = file.names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        try checkFit(entries, names.filter(isWanted), file, start, positions)
        let stored = try entries.map { try $0.fitted(file.tensor(start + $0.name), positions, in: file.path) }
        for (entry, tensor) in zip(entries, stored) { try entry.load(tensor) }
    }

    /// How the weights of a file fit a module: full names, in order.
    public struct WeightsFit {
        public var loaded: [String] = []
        /// Names of the module that the file lacks.
        public var missing: [String] = []
        /// Names of the file that the module lacks.
        public var unexpected: [String] = []
        /// Names in both with different shapes.
        public var otherShape: [String] = []
    }

    /// Loads the weights of a file that fit by name and shape, and leaves all others as they are.
    ///
    /// Throws if none fits. `positions` is that of `loadWeights`.
    public final func loadMatchingWeights(
        from path: String, prefix: String = "", positions: PositionResizing? = nil
    ) throws -> WeightsFit {
        let file = try openTensorFile(path)
        let start = prefix.isEmpty || prefix.hasSuffix(".") ? prefix : prefix + "."
        let names = file.names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
        var fit = WeightsFit()
        let entries = stateEntries()
        let (here, there) = (Set(entries.map(\.name)), Set(names))
        fit.unexpected = names.filter { !here.contains($0) }
        var fitting: [(entry: StateEntry, stored: Tensor)] = []
        for entry in entries {
            guard there.contains(entry.name) else {
                fit.missing.append(entry.name)
                continue
            }
            guard try entry.takes(file.shape(start + entry.name), positions) else {
                fit.otherShape.append(entry.name)
                continue
            }
            fit.loaded.append(entry.name)
            fitting.append((entry, try entry.fitted(file.tensor(start + entry.name), positions, in: path)))
        }
        guard !fitting.isEmpty || entries.isEmpty else {
            let names = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
            throw KitError(
                .configuration,
                "\(path): none of its weights fits \(summary), which has \(entries.prefix(3).map { "'\($0.name)'" }.joined(separator: ", ")) "
                    + "and others; the file has \(names.isEmpty ? "no name with this prefix" : "\(names) and others")")
        }
        for (entry, tensor) in fitting { try entry.load(tensor) }
        return fit
    }

    private func checkFit(
        _ entries: [StateEntry], _ given: [String], _ file: any TensorFile, _ start: String,
        _ positions: PositionResizing?
    ) throws {
        let (here, there) = (Set(entries.map(\.name)), Set(given))
        let missing = entries.map(\.name).filter { !there.contains($0) }
        let unexpected = given.filter { !here.contains($0) }
        let unlike = try entries.filter { there.contains($0.name) }.compactMap { entry -> String? in
            let shape = try file.shape(start + entry.name)
            return entry.takes(shape, positions)
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
        let (own, others) = (Self.counts(entries.map(\.name)), Self.counts(given))
        for (name, count) in own.sorted(by: { $0.key < $1.key }) {
            guard let other = others[name], other != count else { continue }
            faults.append("the file has \(other) of '\(name)', this network \(count)")
        }
        let tables = try entries.filter {
            try there.contains($0.name) && $0.hasOtherLength(file.shape(start + $0.name))
        }
        if !tables.isEmpty, tables.count == unlike.count, let first = tables.first {
            faults.append(
                "'\(first.name)' \(tables.count == 1 ? "is a table" : "and others are tables") of positions, which can be "
                    + "interpolated: positions \"linear\" of module:load, --interpolate-positions of dubkit weights convert"
            )
        }
        throw KitError(
            .configuration, "\(file.path): these are not the weights of \(summary); \(faults.joined(separator: "; "))")
    }

    /// The number of modules in each list of modules that names begin with: ["blocks": 16] for "blocks.15.norm1.weight".
    private static func counts(_ names: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for name in names {
            let words = name.split(separator: ".")
            guard let place = words.firstIndex(where: { Int($0) != nil }), let number = Int(words[place]), place > 0,
                number < 1 << 20
            else { continue }
            let list = words[..<place].joined(separator: ".")
            counts[list] = max(counts[list] ?? 0, number + 1)
        }
        return counts
    }
}
