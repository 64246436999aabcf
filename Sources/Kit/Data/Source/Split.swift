import KitCore

/// Which films a dataset shows.
public enum Split: String, CaseIterable, ChoiceOption, Sendable {
    case train
    case heldOut = "held_out"
    case all

    public static let foreignWords = [
        "val": heldOut.rawValue, "valid": heldOut.rawValue, "validation": heldOut.rawValue, "dev": heldOut.rawValue,
        "eval": heldOut.rawValue, "test": heldOut.rawValue, "training": train.rawValue,
    ]
}

extension Split {
    /// The films that training must not see.
    ///
    /// A film is held out if its name's hash, as a number in [0, 1), lies below `fraction`: that never changes when films
    /// are added. At least one film is held out, and at least one is not, where there are two and the fraction is above 0.
    /// A split that the manifest states goes before the hash.
    static func heldOutMovies(_ sources: [ClipSource], fraction: Double, seed: Int) throws -> Set<String> {
        var stated: [String: ClipSource] = [:]
        for source in sources where source.split != nil {
            if let other = stated[source.movie], other.split != source.split {
                throw KitError(
                    .badData,
                    "\(source.place): film '\(source.movie)' is in split '\(source.split!.rawValue)' here, but in "
                        + "'\(other.split!.rawValue)' at \(other.place): a film lies in one split")
            }
            stated[source.movie] = source
        }
        var heldOut = Set(stated.values.filter { $0.split == .heldOut }.map(\.movie))
        let root = RandomStream(seed: seed)
        let open = Set(sources.map(\.movie)).filter { stated[$0] == nil }
        let ranked = open.map { movie in
            var stream = root.derived("split \(movie)")
            return (movie: movie, position: stream.uniform(0, 1))
        }.sorted { ($0.position, $0.movie) < ($1.position, $1.movie) }
        var chosen = ranked.filter { $0.position < fraction }.count
        if stated.isEmpty, ranked.count > 1, fraction > 0 { chosen = min(max(chosen, 1), ranked.count - 1) }
        heldOut.formUnion(ranked.prefix(chosen).map(\.movie))
        return heldOut
    }
}
