/// A training example: a segment of a film.
public struct Clip: Equatable, Sendable {
    /// "market:12.000": the source's name and the start within it in seconds. Unique in a dataset.
    public let id: String
    /// The position of its source in the dataset's list of sources.
    public let source: Int
    /// The position of its film in the dataset's list of films.
    public let film: Int
    /// Seconds from the beginning of the file, before jitter.
    public let start: Double

    public init(id: String, source: Int, film: Int, start: Double) {
        self.id = id
        self.source = source
        self.film = film
        self.start = start
    }
}

/// One use of a clip in training. A clip that is used twice in an epoch is jittered and augmented differently each time.
public struct ClipDraw: Equatable, Sendable {
    /// The position of the clip in the dataset.
    public let clip: Int
    public let epoch: Int
    /// Distinguishes uses of the same clip within an epoch; 0 for the first.
    public let use: Int

    public init(clip: Int, epoch: Int, use: Int) {
        self.clip = clip
        self.epoch = epoch
        self.use = use
    }
}
