import Foundation
import KitCore
import KitMedia

/// One line of a manifest, checked, before it becomes a `ClipSource`.
struct ManifestRecord {
    static let keys = ["id", "film", "path", "start", "duration", "tracks", "original", "split", "labels"]
    /// The name of the key `film` in manifests of earlier versions.
    static let formerFilmKey = "movie"
    static let trackKeys = ["lang", "stream", "path"]

    /// The folder for relative paths, and the value of `{data_root}`.
    struct Base {
        let folder: URL
        let dataRoot: String?
    }

    let values: [String: OptionValue]
    let base: Base

    init(_ value: OptionValue, keys: [String] = Self.keys, base: Base) throws {
        guard case .table(let options) = value else {
            throw KitError(.badData, "expected an object with the keys \(keys.joined(separator: ", "))")
        }
        for (key, _) in options.named where !keys.contains(key) && !(key == Self.formerFilmKey && keys == Self.keys) {
            throw KitError(
                .badData,
                "unknown key '\(key)'\(NearestName.hint(key, in: keys)) (the keys are: \(keys.joined(separator: ", ")))"
            )
        }
        values = Dictionary(options.named.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        if values["film"] != nil, values[Self.formerFilmKey] != nil {
            throw KitError(.badData, "key 'film' is given twice: '\(Self.formerFilmKey)' is its former name")
        }
        self.base = base
    }

    /// The value of a key, nil if it is absent or null.
    func get<Value: OptionConvertible>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
        do {
            return try Value?(option: values[key] ?? .null)
        } catch let mismatch as OptionMismatch {
            throw KitError(.badData, mismatch.message("key '\(key)'", values[key]!))
        }
    }

    func seconds(_ key: String) throws -> Double? {
        guard let value: Double = try get(key) else { return nil }
        guard value.isFinite, value >= 0 else {
            throw KitError(.badData, "key '\(key)' must be seconds from 0 up, but is \(value)")
        }
        guard ClipSource.times.contains(value) else {
            throw KitError(
                .badData, "key '\(key)' must be at most \(ClipSource.times.upperBound) seconds, but is \(value)")
        }
        return value
    }

    func language(_ key: String) throws -> Language? {
        guard let text: String = try get(key) else { return nil }
        do {
            return try Language(text)
        } catch let error as KitError {
            throw KitError(.badData, "key '\(key)': \(error.message)")
        }
    }

    func path(_ key: String) throws -> String? {
        guard let text: String = try get(key) else { return nil }
        guard !text.isEmpty else { throw KitError(.badData, "key '\(key)' is empty") }
        guard text.contains("{data_root}") else {
            return FileName.existing(URL(fileURLWithPath: text, relativeTo: base.folder).standardizedFileURL.path)
        }
        guard let root = base.dataRoot else {
            throw KitError(
                .badData,
                "key '\(key)' has {data_root}, but no data root is set: give the option data_root, or set DUBKIT_DATA_ROOT"
            )
        }
        return FileName.existing(text.replacingOccurrences(of: "{data_root}", with: root))
    }

    func source(place: String) throws -> ClipSource {
        let path = try path("path")
        let tracks = try tracks(besides: path)
        guard path != nil || !tracks.isEmpty else {
            throw KitError(.badData, "neither 'path' nor 'tracks' names a file")
        }
        var split: Split?
        if let word: String = try get("split") {
            let words = [Split.train, .heldOut].map(\.rawValue)
            guard words.contains(word) else {
                throw KitError(
                    .badData,
                    "key 'split' must be one of \(words.joined(separator: ", ")), but is \"\(word)\""
                        + NearestName.hint(word, in: words))
            }
            split = Split(rawValue: word)
        }
        let labels = values["labels"] ?? .null
        switch labels {
        case .table, .null: break
        default: throw KitError(.badData, "key 'labels' must be an object, but is \(labels.givenText)")
        }
        let duration = try seconds("duration")
        if duration == 0 { throw KitError(.badData, "key 'duration' must be above 0") }
        return ClipSource(
            id: try get("id") ?? "",
            film: FileName.composed(try get("film") ?? get(Self.formerFilmKey) ?? Self.film(of: values)), path: path,
            start: try seconds("start") ?? 0,
            duration: duration, tracks: tracks, original: try language("original"), split: split, labels: labels,
            place: place)
    }

    /// The film's name if none is given: its path as in the manifest, without extension, so that the split by name does
    /// not depend on the location of the data.
    private static func film(of values: [String: OptionValue]) -> String {
        if case .string(let path)? = values["path"] { return (path as NSString).deletingPathExtension }
        guard case .list(let tracks)? = values["tracks"], case .table(let first)? = tracks.first else { return "" }
        return film(of: Dictionary(first.named.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    }

    private func tracks(besides path: String?) throws -> [SourceTrack] {
        let given: [OptionValue]
        switch values["tracks"] ?? .null {
        case .null: return []
        case .list(let list): given = list
        case let other: throw KitError(.badData, "key 'tracks' must be a list of objects, but is \(other.givenText)")
        }
        var known: [Language: Int] = [:]
        return try given.enumerated().map { index, value in
            do {
                let record = try ManifestRecord(value, keys: Self.trackKeys, base: base)
                guard let language = try record.language("lang") else {
                    throw KitError(.badData, "key 'lang' is required: write \"und\" if the language is unknown")
                }
                if let earlier = known.updateValue(index, forKey: language) {
                    throw KitError(.badData, "key 'lang': track \(earlier + 1) is in \(language) too")
                }
                let stream: Int? = try record.get("stream")
                if let stream, stream < 0 {
                    throw KitError(.badData, "key 'stream' must be 0 or more, but is \(stream)")
                }
                let file = try record.path("path")
                guard file != nil || path != nil else {
                    throw KitError(.badData, "needs a 'path', since the source has none")
                }
                return SourceTrack(language: language, path: file, stream: stream)
            } catch let error as KitError {
                throw error.prefixed("track \(index + 1)")
            }
        }
    }
}
