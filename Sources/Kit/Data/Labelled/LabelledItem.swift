/// A labelled segment of sound or film.
public struct LabelledItem {
    /// Unique in a dataset.
    public var id: String
    /// The file; nil if the dataset only names items whose features exist.
    public var path: String?
    /// The start in the file and the duration in seconds; nil for the rest of the file.
    public var start: Double
    public var duration: Double?
    public var labels: [String]
    /// "train", "valid" or "test", or the name of a fold.
    public var split: String
    /// The film, recording or speaker that it comes from, which must not be in two splits.
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
