import KitCore

/// What a sampler can know of the clips that it puts into batches.
public struct SampledClips {
    /// What clips are cut from.
    public struct Source {
        public let id: String
        /// The file that its clips' times count in.
        public let path: String
        /// What the manifest says about it: a table, or null.
        public let labels: OptionValue
        /// For each of `tracks` the codes of the languages that may stand there.
        public let languages: [[String]]

        package init(id: String, path: String, labels: OptionValue, languages: [[String]]) {
            (self.id, self.path, self.labels, self.languages) = (id, path, labels, languages)
        }
    }

    /// For each film the numbers of its clips.
    public let films: [[Int]]
    /// All clips, by number.
    public let clips: [Clip]
    /// All sources: `Clip.source` counts in them.
    public let sources: [Source]
    /// The names of a batch's sound tracks.
    public let tracks: [String]

    package init(films: [[Int]], clips: [Clip], sources: [Source], tracks: [String]) {
        (self.films, self.clips, self.sources, self.tracks) = (films, clips, sources, tracks)
    }
}

extension MovieDataset {
    /// The clips as samplers see them.
    public var sampledClips: SampledClips {
        SampledClips(
            films: clipsOfFilm, clips: clips,
            sources: entries.map { entry in
                SampledClips.Source(
                    id: entry.source.id, path: entry.source.mainPath, labels: entry.source.labels,
                    languages: entry.languages.map { $0.map(\.code) })
            }, tracks: catalogue.audio.outputs.map(\.name))
    }
}
