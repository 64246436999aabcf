import KitCore
import KitMedia

/// A film, or a stretch of one, that clips are cut from: one line of a manifest, or one film of a folder.
public struct ClipSource {
    /// Where a stretch may begin, and how long it may be, in seconds: thirty years are more than any file has.
    public static let times = 0...1e9

    /// Unique in a dataset.
    public var id: String
    /// The film it belongs to. Sources of one film never lie in different splits.
    public var movie: String
    /// The file with the picture and, unless `tracks` says otherwise, the sound; nil where there are only `tracks`.
    public var path: String?
    /// Seconds into the file where the stretch begins.
    public var start: Double
    /// Seconds that it lasts; nil for the rest of the file.
    public var duration: Double?
    /// Sound tracks that are named one by one.
    public var tracks: [SourceTrack]
    /// Whether the tracks of the file at `path` are used too, in languages that `tracks` does not name.
    public var hasOwnTracks: Bool
    /// The language that the film was made in, where the manifest says so.
    public var original: Language?
    /// Where the manifest puts the film; nil leaves it to the dataset's rule.
    public var split: Split?
    /// Free values by name, handed on to the step function; a table, or null.
    public var labels: OptionValue
    /// Where it was declared, for messages: "films.jsonl:12".
    public var place: String

    public init(
        id: String, movie: String? = nil, path: String?, start: Double = 0, duration: Double? = nil,
        tracks: [SourceTrack] = [], hasOwnTracks: Bool? = nil, original: Language? = nil, split: Split? = nil,
        labels: OptionValue = .null,
        place: String = ""
    ) {
        self.id = id
        self.movie = movie ?? id
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
    /// A sound file of its own; nil for a track of the source's file.
    public var path: String?
    /// The stream's number in its file; nil to choose it by language, or the only one.
    public var stream: Int?

    public init(language: Language, path: String? = nil, stream: Int? = nil) {
        self.language = language
        self.path = path
        self.stream = stream
    }
}
