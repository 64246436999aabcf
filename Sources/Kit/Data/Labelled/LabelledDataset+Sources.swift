import KitCore

/// Labelled items as clips to train on.
extension LabelledDataset {
    /// The items of a fold that are held out.
    public enum HeldOutItems: String, CaseIterable, ChoiceOption, Sendable { case test, valid }

    /// The items of a fold as sources. Their labels are a table: the number of the class from 1, `class`, and its `name`;
    /// of multi-label items `classes`, a 1 or 0 for each class.
    ///
    /// - Parameters:
    ///   - name: the fold; nil for the first.
    ///   - heldOut: the items of the split `held_out`; the others that are not trained on are left out. A fold without
    ///     validation items sets a fifth of its training groups apart, the same each time.
    public func sources(fold name: String?, heldOut: HeldOutItems) throws -> [ClipSource] {
        guard let fold = name == nil ? folds.first : folds.first(where: { $0.name == name }) else {
            let names = folds.map(\.name)
            throw KitError.usage(
                "\(self.name): unknown fold '\(name ?? "")'\(NearestName.hint(name ?? "", in: names)) "
                    + "(there are: \(names.joined(separator: ", ")))")
        }
        let part = heldOut == .valid ? try fold.withValidation(items, seed: 0) : fold
        let held = heldOut == .test ? part.test : part.valid
        guard !held.isEmpty else {
            throw KitError.usage("\(self.name): fold '\(fold.name)' has no items in '\(heldOut.rawValue)'")
        }
        let byID = Dictionary(sources.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return [(part.train, Split.train), (held, .heldOut)].flatMap { places, split in
            places.compactMap { place -> ClipSource? in
                guard var source = byID[items[place].id] else { return nil }
                source.split = split
                source.labels = scriptLabels(of: place)
                return source
            }
        }
    }

    private func scriptLabels(of place: Int) -> OptionValue {
        let row = labels.rows[place]
        guard !labels.isMultiLabel else {
            let targets = labels.classes.indices.map { OptionValue.int(row.contains($0) ? 1 : 0) }
            return .table(Options(named: [("classes", .list(targets))]))
        }
        return .table(Options(named: [("class", .int(row[0] + 1)), ("name", .string(labels.classes[row[0]]))]))
    }
}
