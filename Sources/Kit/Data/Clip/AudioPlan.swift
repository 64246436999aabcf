import KitCore
import KitMedia

/// A `TrackPlan` resolved for a dataset: the spectrograms of a batch, and for each clip the language of each.
struct AudioPlan {
    /// A tensor of a batch.
    struct Output {
        let name: String
        /// The languages that it may contain; more than one if each clip draws one.
        let choices: [TrackPlan.Choice]

        /// The language of every clip; nil if clips may differ.
        var onlyLanguage: Language? {
            guard choices.count == 1, case .language(let language) = choices[0] else { return nil }
            return language
        }
    }

    private(set) var outputs: [Output] = []
    /// Names for several outputs.
    private(set) var groups: [(name: String, members: [Int])] = []

    /// The plan for a recipe's option.
    init(_ plan: TrackPlan, policy: TrackPolicy) {
        for role in plan.roles {
            if role.isList, policy == .all {
                groups.append((role.name, role.choices.map { output(named: "\($0)", [$0]) }))
            } else {
                _ = output(named: role.name, role.choices)
            }
        }
    }

    /// All of these languages, each under its own name: its code, with the region if two differ only in that.
    init(languages: [Language]) {
        let regional = Dictionary(grouping: Set(languages), by: \.code).filter { $1.count > 1 }.keys
        for language in languages {
            let name = regional.contains(language.code) ? language.description : language.code
            _ = output(named: name, [.language(language)])
        }
    }

    private mutating func output(named name: String, _ choices: [TrackPlan.Choice]) -> Int {
        if let known = outputs.firstIndex(where: { $0.name == name }) { return known }
        outputs.append(Output(name: name, choices: choices))
        return outputs.count - 1
    }

    /// The possible languages of each output for one source, in the order of the plan.
    ///
    /// If an output has several, languages that the source lacks are left out. So are those that are the only one of
    /// another output, unless none would remain: a drawn dub is never the original that it is compared with.
    func languages(for source: ClipSource, facts: SourceFacts) throws -> [[Language]] {
        func resolve(_ choice: TrackPlan.Choice) throws -> Language {
            switch choice {
            case .language(let language): return language
            case .original:
                guard let original = source.original else {
                    throw KitError(.badData, "its manifest entry has no 'original' language")
                }
                return original
            }
        }
        let has = facts.languages.isEmpty ? "no sound" : facts.languages.map(\.description).joined(separator: ", ")
        let wanted = try outputs.map { try $0.choices.map(resolve) }
        let alone = wanted.filter { $0.count == 1 }.map { $0[0] }
        return try wanted.map { languages in
            let present = languages.filter { language in facts.languages.contains { $0.matches(language) } }
            guard !present.isEmpty else {
                let names = languages.map(\.description).joined(separator: " or ")
                throw KitError(.badData, "has no sound track in \(names); it has \(has)")
            }
            let others = present.filter { language in !alone.contains { $0.matches(language) } }
            return languages.count > 1 && !others.isEmpty ? others : present
        }
    }
}
