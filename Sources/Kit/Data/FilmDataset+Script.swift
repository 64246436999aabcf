import KitCore

extension MovieDataset: ScriptObject {
    public static var scriptTypeName: String { "movie dataset" }
    public static var scriptSummary: String { "Films cut into clips; `batches` reads them in the order of a sampler." }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "batches", on: MovieDataset.self, "Batches of clips in the order of a sampler, read ahead by threads.",
                ScriptParameter("sampler", Ref<any Sampler>.self), returns: Batches.self
            ) { films, sampler in try films.batches(sampler.object) },
            ScriptMethod(
                "split", on: MovieDataset.self,
                "The films of one split: \"train\", \"held_out\" (fixed windows, no augmentation) or \"all\".",
                ScriptParameter("split", Split.self), returns: MovieDataset.self
            ) { films, split in try films.split(split) },
            ScriptMethod(
                "evaluation", on: MovieDataset.self, "The same clips with fixed windows and without augmentation.",
                returns: MovieDataset.self
            ) { try $0.evaluation() },
            ScriptMethod(
                "films", on: MovieDataset.self,
                "A list of the films: each with its name, clips, seconds and languages.", returns: [Options].self
            ) { $0.filmTable },
            ScriptMethod(
                "clip", on: MovieDataset.self, "Reads one clip, as a batch of one; clips count from 1.",
                ScriptParameter("number", Int.self), returns: ClipBatch.self
            ) { films, number in
                // What comes before the first is no clip either.
                try films.clip(max(number, 0) - 1)
            },
            ScriptMethod("__len", on: MovieDataset.self, "The number of clips.", returns: Int.self) { $0.clips.count },
        ]
    }

    private var filmTable: [Options] {
        films.indices.map { film in
            let own = sources.indices.filter { sources[$0].movie == films[film] }
            let languages = own.flatMap { facts[$0].languages.map(\.code) }
            return Options(named: [
                ("film", .string(films[film])), ("clips", .int(clipsOfFilm[film].count)),
                ("seconds", .number(own.reduce(0) { $0 + facts[$1].duration })),
                ("languages", Set(languages).sorted().optionValue),
            ])
        }
    }

    /// A table of the films, cut after twenty.
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
        var title = "\(split.rawValue): \(films.count) films, \(clips.count) clips of \(settings.seconds) s"
        if !isTraining { title += ", fixed windows" }
        if !badSamples.isEmpty { title += ", \(badSamples.count) sources unreadable" }
        if !catalogue.unusable.isEmpty { title += ", \(catalogue.unusable.count) sources left out" }
        let rest = films.count > 20 ? ["... and \(films.count - 20) more"] : []
        let passedOver = PassedOver.lines(catalogue.passedOver).map { "passed over: \($0)" }
        return ([title, table] + rest + passedOver).joined(separator: "\n")
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(MovieDataset.self) }
