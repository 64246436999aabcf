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
    /// The sources whose stated split would let training see what is held out, and what to say of each: their film, or a
    /// stretch of their file, is in the other split at an earlier source.
    static func leaks(in sources: [ClipSource]) -> [(source: ClipSource, message: String)] {
        var movies: [String: ClipSource] = [:]
        var files: [[UInt8]: [Split: [ClipSource]]] = [:]
        return sources.compactMap { source -> (source: ClipSource, message: String)? in
            guard let split = source.split else { return nil }
            if let other = movies[source.movie] {
                guard other.split == split else {
                    return (source, leak("film '\(source.movie)'", source, other) + ": a film lies in one split")
                }
            } else {
                movies[source.movie] = source
            }
            let file = Array((source.path ?? source.mainPath).utf8)
            if let other = files[file]?[split == .train ? .heldOut : .train]?.first(where: source.overlaps) {
                return (source, leak("this stretch of \(source.mainPath)", source, other))
            }
            files[file, default: [:]][split, default: []].append(source)
            return nil
        }
    }

    private static func leak(_ what: String, _ source: ClipSource, _ other: ClipSource) -> String {
        "\(source.place): \(what) is in split '\(source.split!.rawValue)' here, but in '\(other.split!.rawValue)' at "
            + other.place
    }

    /// The films that training must not see.
    ///
    /// A film is held out if its name's hash, as a number in [0, 1), lies below `fraction`: that never changes when films
    /// are added. At least one film is held out, and at least one is not, where there are two and the fraction is above 0.
    /// A split that the manifest states goes before the hash.
    static func heldOutMovies(_ sources: [ClipSource], fraction: Double, seed: Int) throws -> Set<String> {
        if let leak = leaks(in: sources).first { throw KitError(.badData, leak.message) }
        let stated = Dictionary(
            sources.filter { $0.split != nil }.map { ($0.movie, $0) }, uniquingKeysWith: { first, _ in first })
        var heldOut = Set(stated.values.filter { $0.split == .heldOut }.map(\.movie))
        let root = RandomStream(seed: seed)
        let open = Set(sources.map(\.movie)).filter { stated[$0] == nil }
        let ranked = open.map { movie in
            var stream = root.derived("split \(movie)")
            return (movie: movie, position: stream.uniform(0, 1))
        }.sorted {
            $0.position == $1.position ? $0.movie.precedes($1.movie) : $0.position < $1.position
        }
        var chosen = ranked.filter { $0.position < fraction }.count
        if stated.isEmpty, ranked.count > 1, fraction > 0 { chosen = min(max(chosen, 1), ranked.count - 1) }
        heldOut.formUnion(ranked.prefix(chosen).map(\.movie))
        return heldOut
    }
}

extension ClipSource {
    /// Whether two sources of a file have a moment in common.
    fileprivate func overlaps(_ other: ClipSource) -> Bool {
        let (end, otherEnd) = (start + (duration ?? .infinity), other.start + (other.duration ?? .infinity))
        return start < otherEnd && other.start < end
    }
}
