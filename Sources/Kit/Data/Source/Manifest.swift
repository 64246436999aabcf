import Foundation
import KitCore
import KitMedia

/// The list of a dataset's films: a JSONL or CSV file, a folder of films, tar files, or one film.
///
/// A JSONL manifest has one source per line:
///
///     {"id": "market-1", "film": "market", "path": "market.mkv", "start": 0, "duration": 30, "split": "train",
///      "tracks": [{"lang": "en"}, {"lang": "es", "path": "market.es.flac"}, {"lang": "fr", "stream": 3}],
///      "original": "en", "labels": {"scene": "street"}}
///
/// Only `path` (or the `path` of a track) is required. Paths are relative to the manifest's folder; `{data_root}` in
/// them stands for the option `data_root` or the variable DUBKIT_DATA_ROOT. For CSV see `ManifestCSV`, for folders
/// `FilmFolder`, for tar files `TarFilms`. If a folder contains a `manifest.jsonl` or `manifest.csv`, that is read; else
/// its tar files, if it has any; else it may be a data folder of Kaldi (`KaldiFolder`).
public enum Manifest {
    /// The keys of a line.
    public static var keys: [String] { ManifestRecord.keys }

    /// The sources at a path, in the order in which they are listed. Errors name the file, the line and the key.
    public static func read(_ path: String, dataRoot: String? = nil) throws -> [ClipSource] {
        try list(path, dataRoot: dataRoot).sources
    }

    /// The same, with the skipped files of a folder.
    public static func list(_ path: String, dataRoot: String? = nil) throws -> FilmList {
        if path.unicodeScalars.contains("{"), let tars = try TarFilms.paths(path) {
            return try list(tars: tars)
        }
        let place = try FilmPath(path)
        let file = URL(fileURLWithPath: place.path).standardizedFileURL
        if place.isFolder {
            let listed = ["manifest.jsonl", "manifest.csv"].map { file.appendingPathComponent($0) }
                .first { FileManager.default.fileExists(atPath: $0.path) }
            if let listed { return try list(listed.path, dataRoot: dataRoot) }
            if let tars = try TarFilms.paths(file.path) {
                var all = try list(tars: tars)
                let names = try DiskFileSystem().names(in: file.path)
                all.skipped += names.filter { TarIndex.advice(compressed: $0) != nil }.map {
                    SkippedFile(.compressed, $0)
                }
                return all
            }
            if FileManager.default.fileExists(atPath: file.appendingPathComponent(KaldiFolder.list).path) {
                return try KaldiFolder.list(file.path, root: dataRoot ?? environmentRoot)
            }
            var all = try LibriSpeechTree.labelled(FilmFolder.list(file.path), in: file.path)
            all.sources = try unique(all.sources)
            return all
        }
        let base = ManifestRecord.Base(
            folder: file.deletingLastPathComponent(), dataRoot: dataRoot ?? environmentRoot)
        switch file.pathExtension.lowercased() {
        case "jsonl", "ndjson":
            return FilmList(try withSidecars(unique(parse(lines(of: file), file: path, base: base))))
        case "csv":
            let records = try ManifestCSV.records(of: TextFile.read(file.path), file: path)
            return FilmList(try withSidecars(unique(parse(records, file: path, base: base))))
        case "tar": return try list(tars: [file.path])
        // The reader says what to do about it.
        case _ where TarIndex.advice(compressed: file.path) != nil: return try list(tars: [file.path])
        case let kind where Container.allEndings.contains(kind): return try FilmFolder.list(file.path)
        case let kind:
            if let advice = ForeignData.advice(file: path) { throw KitError(.noInput, "\(path): \(advice)") }
            throw KitError(
                .noInput,
                "\(path): neither a manifest (.jsonl, .csv), a tar file (.tar) nor a film "
                    + "(\(Container.allEndings.sorted().map { ".\($0)" }.joined(separator: ", ")))"
                    + NearestName.hint(kind, in: Container.allEndings.union(["jsonl", "csv", "tar"])))
        }
    }

    private static var environmentRoot: String? { ProcessInfo.processInfo.environment["DUBKIT_DATA_ROOT"] }

    private static func list(tars: [String]) throws -> FilmList {
        var all = try TarFilms.list(tars)
        all.sources = try unique(all.sources)
        return all
    }

    /// The records of a JSONL file with their line numbers; empty lines are skipped.
    private static func lines(of file: URL) throws -> [(line: Int, value: () throws -> OptionValue)] {
        let lines = try TextFile.read(file.path).parts(separatedBy: "\n", omittingEmpty: false)
        return lines.enumerated().compactMap { index, line in
            line.allSatisfy(\.isWhitespace) ? nil : (index + 1, { try JSONOption.parse(line) })
        }
    }

    private static func parse(
        _ records: [(line: Int, value: () throws -> OptionValue)], file: String, base: ManifestRecord.Base
    ) throws -> [ClipSource] {
        guard !records.isEmpty else { throw KitError(.badData, "\(file): lists no films") }
        return try records.map { line, value in
            do {
                return try ManifestRecord(value(), base: base).source(place: "\(file):\(line)")
            } catch let error as KitError {
                throw error.prefixed("\(file):\(line)")
            }
        }
    }

    /// Adds sidecar sounds to sources without stated tracks, unless the sounds are sources themselves.
    private static func withSidecars(_ sources: [ClipSource]) throws -> [ClipSource] {
        let sidecars = SidecarSounds()
        let named = Set(sources.compactMap(\.path))
        return try sources.map { source in
            guard source.tracks.isEmpty, let path = source.path else { return source }
            var source = source
            source.tracks = try sidecars.tracks(of: path).filter { !named.contains($0.path!) }
            return source
        }
    }

    /// Names sources without an `id` after their file, and refuses duplicate names.
    private static func unique(_ sources: [ClipSource]) throws -> [ClipSource] {
        var places: [String: String] = [:]
        return try sources.map { source in
            var source = source
            if source.id.isEmpty {
                source.id = URL(fileURLWithPath: source.mainPath).deletingPathExtension().lastPathComponent
                if source.start > 0 { source.id += "@\(source.start)" }
            }
            source.id = FileName.composed(source.id)
            if let earlier = places.updateValue(source.place, forKey: source.id) {
                throw KitError(.badData, "\(source.place): id '\(source.id)' is already that of \(earlier)")
            }
            return source
        }
    }
}
