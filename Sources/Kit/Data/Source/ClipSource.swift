import KitCore
import KitMedia

/// A film or a segment of one, from which clips are cut: one line of a manifest, or one film of a folder.
public struct ClipSource {
    /// The allowed starts and durations in seconds: thirty years are longer than any file.
    public static let times = 0...1e9

    /// Unique in a dataset.
    public var id: String
    /// The film it belongs to. Sources of one film are always in the same split.
    public var film: String
    /// The file with the video and, unless `tracks` says otherwise, the sound; nil if there are only `tracks`.
    public var path: String?
    /// The start of the segment in the file, in seconds.
    public var start: Double
    /// The duration of the segment in seconds; nil for the rest of the file.
    public var duration: Double?
    /// Sound tracks that are listed one by one.
    public var tracks: [SourceTrack]
    /// Whether tracks of the file at `path` in languages that `tracks` does not list are used too.
    public var hasOwnTracks: Bool
    /// The language that the film was made in, if the manifest states it.
    public var original: Language?
    /// The split in the manifest; nil for the dataset's rule.
    public var split: Split?
    /// Arbitrary values by name, which the step function receives; a table, or null.
    public var labels: OptionValue
    /// The place of its declaration, for messages: "films.jsonl:12".
    public var place: String

    public init(
        id: String, film: String? = nil, path: String?, start: Double = 0, duration: Double? = nil,
        tracks: [SourceTrack] = [], hasOwnTracks: Bool? = nil, original: Language? = nil, split: Split? = nil,
        labels: OptionValue = .null,
        place: String = ""
    ) {
        self.id = id
        self.film = film ?? id
        self.path = path
        self.start = start
        self.duration = duration
        self.tracks = tracks
        self.hasOwnTracks = hasOwnTracks ?? tracks.isEmpty
        self.original = original
        self.split = split
        self.labels = labels
        self.place = place
    }

    /// The file to name in messages.
    public var mainPath: String { path ?? tracks.first?.path ?? id }
}

/// One sound track of a source.
public struct SourceTrack: Equatable, Sendable {
    public var language: Language
    /// The track's own sound file; nil for a track of the source's file.
    public var path: String?
    /// The stream's number in its file; nil to choose it by language, or the only one.
    public var stream: Int?

    public init(language: Language, path: String? = nil, stream: Int? = nil) {
        self.language = language
        self.path = path
        self.stream = stream
    }
}
