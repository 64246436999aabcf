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
    /// The sources whose stated split would let training see held-out material, with a message: their film, or a
    /// segment of their file, is in the other split at an earlier source.
    static func leaks(in sources: [ClipSource]) -> [(source: ClipSource, message: String)] {
        var films: [String: ClipSource] = [:]
        var files: [[UInt8]: [Split: [ClipSource]]] = [:]
        return sources.compactMap { source -> (source: ClipSource, message: String)? in
            guard let split = source.split else { return nil }
            if let other = films[source.film] {
                guard other.split == split else {
                    return (source, leak("film '\(source.film)'", source, other) + ": a film is in one split")
                }
            } else {
                films[source.film] = source
            }
            let file = Array((source.path ?? source.mainPath).utf8)
            if let other = files[file]?[split == .train ? .heldOut : .train]?.first(where: source.overlaps) {
                return (source, leak("this segment of \(source.mainPath)", source, other))
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
    /// A film is held out if the hash of its name, as a number in [0, 1), is below `fraction`: this does not change
    /// when films are added. If there are two films and the fraction is above 0, at least one is held out and at least
    /// one is not. A split in the manifest takes precedence over the hash.
    static func heldOutFilms(_ sources: [ClipSource], fraction: Double, seed: Int) throws -> Set<String> {
        if let leak = leaks(in: sources).first { throw KitError(.badData, leak.message) }
        let stated = Dictionary(
            sources.filter { $0.split != nil }.map { ($0.film, $0) }, uniquingKeysWith: { first, _ in first })
        var heldOut = Set(stated.values.filter { $0.split == .heldOut }.map(\.film))
        let root = RandomStream(seed: seed)
        let open = Set(sources.map(\.film)).filter { stated[$0] == nil }
        let ranked = open.map { film in
            var stream = root.derived("split \(film)")
            return (film: film, position: stream.uniform(0, 1))
        }.sorted {
            $0.position == $1.position ? $0.film.precedes($1.film) : $0.position < $1.position
        }
        var chosen = ranked.filter { $0.position < fraction }.count
        if stated.isEmpty, ranked.count > 1, fraction > 0 { chosen = min(max(chosen, 1), ranked.count - 1) }
        heldOut.formUnion(ranked.prefix(chosen).map(\.film))
        return heldOut
    }
}

extension ClipSource {
    /// Whether two sources of a file overlap.
    fileprivate func overlaps(_ other: ClipSource) -> Bool {
        let (end, otherEnd) = (start + (duration ?? .infinity), other.start + (other.duration ?? .infinity))
        return start < otherEnd && other.start < end
    }
}
