/// The films of a folder, of a manifest, or of one path.
public struct FilmList {
    /// In the order of the manifest; in a folder, sorted by name.
    public var sources: [ClipSource]
    /// The skipped files of the folder.
    public var skipped: [SkippedFile]

    public init(_ sources: [ClipSource], skipped: [SkippedFile] = []) {
        (self.sources, self.skipped) = (sources, skipped)
    }
}
