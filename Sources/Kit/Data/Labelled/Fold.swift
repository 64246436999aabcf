import KitCore

/// One division of a dataset's items into training, validation and test. Ascending positions in the list of items.
public struct Fold: Equatable, Sendable {
    public var name: String
    public var train: [Int]
    /// Empty if the dataset prescribes none. A probe with a choice then uses a part of `train`.
    public var valid: [Int]
    public var test: [Int]

    public init(name: String, train: [Int], valid: [Int], test: [Int]) {
        (self.name, self.train, self.valid, self.test) = (name, train, valid, test)
    }

    static let splits = ["train", "valid", "test"]

    /// The folds of a dataset's splits. Train, valid and test make one fold. Otherwise each split in turn is the test
    /// split, the next one validates and the others train, in the order of their names, as in HEAR's evaluation kit.
    static func all(_ items: [LabelledItem]) throws -> [Fold] {
        let members = Dictionary(grouping: items.indices, by: { items[$0].split })
        let names = members.keys.sortedByBytes()
        if names.allSatisfy(splits.contains) {
            guard let train = members["train"], let test = members["test"] else {
                throw KitError(
                    .badData, "has the splits \(names.joined(separator: ", ")), but needs both train and test")
            }
            return [Fold(name: "test", train: train, valid: members["valid"] ?? [], test: test)]
        }
        if let mixed = names.first(where: splits.contains) {
            throw KitError(
                .badData,
                "has the split '\(mixed)' in addition to folds (\(names.joined(separator: ", "))): use one or the other"
            )
        }
        guard names.count > 1 else { throw KitError(.badData, "has one fold only, '\(names[0])': two are needed") }
        return names.indices.map { index in
            let next = names.count > 2 ? (index + 1) % names.count : nil
            let others = names.indices.filter { $0 != index && $0 != next }
            return Fold(
                name: names[index], train: others.flatMap { members[names[$0]]! }.sorted(),
                valid: next.map { members[names[$0]]! } ?? [], test: members[names[index]]!)
        }
    }

    /// The folds that must exist if these do: those with numbers up to the last one, starting from 0 or 1. Empty unless
    /// all names are one word with a number, or if the numbers are years or the like.
    static func numbered(_ names: [String]) -> [String] {
        let parts = names.map { name in
            let digits = String(name.reversed().prefix { ("0"..."9").contains($0) }.reversed())
            return (word: name.dropLast(digits.count), digits: digits)
        }
        let numbers = parts.compactMap { Int($0.digits) }
        guard let last = numbers.max(), let first = numbers.min(), numbers.count == names.count, last < 100,
            Set(parts.map(\.word)).count == 1
        else { return [] }
        let width = parts.contains { $0.digits.hasPrefix("0") && $0.digits.count > 1 } ? parts[0].digits.count : 1
        return (min(first, 1)...last).map { parts[0].word + String($0).padded(to: width, .right, with: "0") }
    }

    /// Throws if a film, recording or speaker is in two parts of this fold, or if there are fewer than two classes to
    /// learn.
    func check(_ items: [LabelledItem], _ labels: Labels) throws {
        let learned = Set(train.flatMap { labels.rows[$0] })
        guard learned.count > 1 else {
            let only = learned.first.map { "only the class '\(labels.classes[$0])'" } ?? "no class"
            throw KitError(.badData, "the training items of fold '\(name)' have \(only)")
        }
        var seen: [String: (part: String, id: String)] = [:]
        for (part, members) in [("train", train), ("valid", valid), ("test", test)] {
            for index in members {
                let item = items[index]
                guard let earlier = seen[item.group], earlier.part != part else {
                    seen[item.group] = (part, item.id)
                    continue
                }
                throw KitError(
                    .badData,
                    "'\(item.group)' is in \(earlier.part) ('\(earlier.id)') and in \(part) ('\(item.id)') of fold "
                        + "'\(name)': what is measured would have been learned")
            }
        }
    }

    /// The same fold, with a fifth of the training groups as validation groups if it has none. `seed` chooses them.
    public func withValidation(_ items: [LabelledItem], seed: Int) throws -> Fold {
        guard valid.isEmpty else { return self }
        let groups = Set(train.map { items[$0].group }).sortedByBytes()
        guard groups.count > 1 else {
            throw KitError(
                .badData,
                "fold '\(name)' learns from one group only, '\(groups[0])': none can be set apart to choose by")
        }
        var random = RandomStream(seed: seed).derived("validation \(name)")
        let chosen = Set(random.permutation(groups.count).prefix(max(1, groups.count / 5)).map { groups[$0] })
        var fold = self
        fold.valid = train.filter { chosen.contains(items[$0].group) }
        fold.train = train.filter { !chosen.contains(items[$0].group) }
        return fold
    }
}
