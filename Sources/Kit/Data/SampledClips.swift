import KitCore

/// The information that a sampler has about the clips.
public struct SampledClips {
    /// A source that clips are cut from.
    public struct Source {
        public let id: String
        /// The file that the times of its clips refer to.
        public let path: String
        /// Its labels in the manifest: a table, or null.
        public let labels: OptionValue
        /// For each of `tracks`, the codes of its possible languages.
        public let languages: [[String]]

        package init(id: String, path: String, labels: OptionValue, languages: [[String]]) {
            (self.id, self.path, self.labels, self.languages) = (id, path, labels, languages)
        }
    }

    /// For each film, the numbers of its clips.
    public let films: [[Int]]
    /// All clips, by number.
    public let clips: [Clip]
    /// All sources, in the order that `Clip.source` refers to.
    public let sources: [Source]
    /// The names of the sound tracks of a batch.
    public let tracks: [String]

    package init(films: [[Int]], clips: [Clip], sources: [Source], tracks: [String]) {
        (self.films, self.clips, self.sources, self.tracks) = (films, clips, sources, tracks)
    }
}

extension FilmDataset {
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
