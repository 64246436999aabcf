import Foundation
import Kit

/// The files of clips that were fetched by an id and the second at which they begin, under any of the names that programs
/// give them.
struct FetchedFiles {
    private let folder: String
    /// The paths in the folder by their names without extension.
    private let paths: [String: [String]]

    /// Lists a folder and its sub-folders.
    init(_ folder: String) throws {
        self.folder = folder
        let files = try FilmFolder.files(of: URL(fileURLWithPath: folder))
        paths = Dictionary(grouping: files) { FileName.stem($0.parts(separatedBy: "/").last!) }
    }

    /// The path of a clip; if there is none, where it could be.
    ///
    /// Of a film and its sound, the film is taken. Throws if several files could be meant.
    func path(id: String, start: Double, end: Double?) throws -> String {
        let names = Self.names(id: id, start: start, end: end)
        var found = names.flatMap { paths[$0] ?? [] }
        let films = found.filter { Container.filmEndings.contains(FileName.ending($0)) }
        if !films.isEmpty { found = films }
        guard found.count < 2 else {
            throw KitError(
                .badData,
                "\(folder): several files of '\(id)' from \(start) s: \(found.sortedByBytes().joined(separator: ", "))")
        }
        return "\(folder)/\(found.first ?? "\(names[0]).mp4")"
    }

    /// The id, with a Y in front of it as some lists have, alone or with the times in whole or decimal seconds, in
    /// milliseconds, or in six digits.
    static func names(id: String, start: Double, end: Double?) -> [String] {
        func forms(_ time: Double) -> [String] {
            let second = Int(time)
            return [
                String(format: "%06d", second), "\(second)", "\(Int((time * 1000).rounded()))",
                String(format: "%.1f", time),
                String(format: "%.3f", time),
            ]
        }
        let times = forms(start).map { "_\($0)" }
        let both = end.map { zip(forms(start), forms($0)).map { "_\($0)_\($1)" } } ?? []
        let all = (times + both + [""]).flatMap { ["\(id)\($0)", "Y\(id)\($0)"] }
        // 0 is the same in seconds and milliseconds.
        return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

extension LabelledDataset {
    /// The same dataset, after a warning of how many of its files are missing.
    func warningOfMissing() -> LabelledDataset {
        if !leftOut.isEmpty {
            warn(
                "\(name): \(counted(leftOut.count, "file or part", "files or parts")) of \(leftOut.count + items.count) left out, "
                    + "such as \(leftOut.prefix(3).joined(separator: ", "))")
        }
        return self
    }
}
