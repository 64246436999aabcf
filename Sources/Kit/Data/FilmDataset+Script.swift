import KitCore

extension FilmDataset: ScriptObject {
    public static var scriptTypeName: String { "film dataset" }
    public static var scriptSummary: String { "Films cut into clips; `batches` reads them in the order of a sampler." }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "batches", on: FilmDataset.self, "Batches of clips in the order of a sampler, read ahead by threads.",
                ScriptArgument("sampler", ObjectOption<any Sampler>.self), returns: Batches.self
            ) { films, sampler in try films.batches(sampler.object) },
            ScriptMethod(
                "split", on: FilmDataset.self,
                "The films of one split: \"train\", \"held_out\" (fixed windows, no augmentation) or \"all\".",
                ScriptArgument("split", Split.self), returns: FilmDataset.self
            ) { films, split in try films.split(split) },
            ScriptMethod(
                "evaluation", on: FilmDataset.self, "The same clips with fixed windows and without augmentation.",
                returns: FilmDataset.self
            ) { try $0.evaluation() },
            ScriptMethod(
                "films", on: FilmDataset.self,
                "A list of the films: each with its name, clips, seconds and languages.", returns: [Options].self
            ) { $0.filmTable },
            ScriptMethod(
                "clip", on: FilmDataset.self, "Reads one clip, as a batch of one. Clips count from 1.",
                ScriptArgument("number", Int.self), returns: ClipBatch.self
            ) { films, number in
                // Indices below 1 are not clips either.
                try films.clip(max(number, 0) - 1)
            },
            ScriptMethod("__len", on: FilmDataset.self, "The number of clips.", returns: Int.self) { $0.clips.count },
        ]
    }

    private var filmTable: [Options] {
        films.indices.map { film in
            let own = entries.filter { $0.source.film == films[film] }
            let languages = own.flatMap { $0.facts.languages.map(\.code) }
            return Options(named: [
                ("film", .string(films[film])), ("clips", .int(clipsOfFilm[film].count)),
                ("seconds", .number(own.reduce(0) { $0 + $1.facts.duration })),
                ("languages", Set(languages).sorted().optionValue),
            ])
        }
    }

    /// A table of the films, at most twenty.
    public var scriptDescription: String {
        let shown = filmTable.prefix(20).map { row in
            row.named.map { _, value in
                switch value {
                case .string(let text): text
                case .int(let number): "\(number)"
                case .number(let seconds): "\((seconds * 10).rounded() / 10) s"
                case .list(let items):
                    items.map { if case .string(let code) = $0 { code } else { "" } }.joined(separator: " ")
                default: ""
                }
            }
        }
        let table = TextTable.text([["film", "clips", "length", "languages"]] + shown)
        var title =
            "\(split.rawValue): \(counted(films.count, "film")), \(counted(clips.count, "clip")) of \(settings.seconds) s"
        if !isTraining { title += ", fixed windows" }
        if !badSamples.isEmpty { title += ", \(counted(badSamples.count, "source")) unreadable" }
        if !catalogue.unusable.isEmpty { title += ", \(counted(catalogue.unusable.count, "source")) left out" }
        let rest = films.count > 20 ? ["... and \(films.count - 20) more"] : []
        let skipped = SkippedFile.lines(catalogue.skipped).map { "skipped: \($0)" }
        return ([title, table] + rest + skipped).joined(separator: "\n")
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(FilmDataset.self) }
