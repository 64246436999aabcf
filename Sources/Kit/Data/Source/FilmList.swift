/// The films that a folder, a manifest or one film gives.
public struct FilmList {
    /// In the order of the manifest; those of a folder by their names.
    public var sources: [ClipSource]
    /// What lies in the folder and is not taken.
    public var passedOver: [PassedOver]

    public init(_ sources: [ClipSource], passedOver: [PassedOver] = []) {
        (self.sources, self.passedOver) = (sources, passedOver)
    }
}
