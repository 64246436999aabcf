/// A source that could not be read: one line of `bad_samples.jsonl`.
public struct BadSample: Codable, Equatable, Sendable {
    /// The name of the source.
    public let id: String
    public let film: String
    public let path: String
    public let reason: String
    /// The position in the run at which it was found; nil if before the first batch.
    public let epoch: Int?
    public let batch: Int?

    public init(id: String, film: String, path: String, reason: String, epoch: Int? = nil, batch: Int? = nil) {
        self.id = id
        self.film = film
        self.path = path
        self.reason = reason
        self.epoch = epoch
        self.batch = batch
    }

    /// "films/harbour.mp4: empty file". If the reader's message begins with the file's path or name, that is not
    /// repeated.
    var text: String {
        let name = path.parts(separatedBy: "/").last ?? path
        let prefix = ["\(path): ", "\(name): "].first(where: reason.hasPrefix) ?? ""
        return "\(path): \(reason.dropFirst(prefix.count))"
    }
}
