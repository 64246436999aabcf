/// One labelled stretch of sound or film.
public struct LabelledItem {
    /// Unique in a dataset.
    public var id: String
    /// The file; nil where the dataset only names what features were made of.
    public var path: String?
    /// Seconds into the file, and how long; nil for the rest of the file.
    public var start: Double
    public var duration: Double?
    public var labels: [String]
    /// "train", "valid" or "test", or the name of a fold.
    public var split: String
    /// What must not lie in two splits: the film, the recording or the speaker that it comes from.
    public var group: String

    public init(
        id: String, path: String?, start: Double = 0, duration: Double? = nil, labels: [String], split: String,
        group: String? = nil
    ) {
        self.id = id
        self.path = path
        self.start = start
        self.duration = duration
        self.labels = labels
        self.split = split
        self.group = group ?? id
    }
}
