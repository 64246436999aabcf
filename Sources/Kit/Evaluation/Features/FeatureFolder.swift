import Foundation
import KitCore
import KitModel
import KitTensor

/// Features on disk: a folder with `<view>.npy` for each view, or `features.npz` for all, and `ids.json`.
public enum FeatureFolder {
    public enum Format: String, ChoiceOption, Sendable { case npy, npz }

    /// `ids.json`: the meaning of the rows.
    struct Facts: Codable {
        var format = 1
        let encoder: String
        let ids: [String]
        let films: [String]
        /// The width of each view.
        let views: [String: Int]
        /// The number of frames of each row, by view, if it has frames.
        let frames: [String: [Int]]?
        /// A description of what the rows were computed from; nil for features made in another way.
        var plan: String?
        /// The format of the features; nil in files of earlier versions.
        private let written: [String]?

        init(_ sets: [FeatureSet], plan: String?, written: [String]) {
            (encoder, ids, films) = (sets[0].encoder, sets[0].ids, sets[0].films)
            views = Dictionary(uniqueKeysWithValues: sets.map { ($0.view, $0.values.shape[1]) })
            let framed = sets.compactMap { set in set.frames.map { (set.view, $0) } }
            frames = framed.isEmpty ? nil : Dictionary(uniqueKeysWithValues: framed)
            (self.plan, self.written) = (plan, written)
        }

        /// The files that belong to these features.
        var files: [String] {
            (written ?? views.keys.map(FeatureFolder.fileName) + [archiveName]).filter { !$0.contains("/") }
        }

        private enum CodingKeys: String, CodingKey {
            case format, encoder, ids, films, views, frames, plan
            case written = "files"
        }
    }

    static let factsName = "ids.json"
    static let archiveName = "features.npz"

    /// Writes views of the same rows. A folder with `ids.json` is complete: its earlier features stay intact until the
    /// new files are written next to them. They are then replaced, and none of their views is left behind.
    public static func write(
        _ sets: [FeatureSet], to folder: String, format: Format = .npy, plan: String? = nil,
        files: any FileSystem = DiskFileSystem()
    ) throws {
        let names = format == .npy ? sets.map { fileName(of: $0.view) } : [archiveName]
        let facts = Facts(sets, plan: plan, written: names)
        try FeatureReplacement(folder, files).replace(with: names, facts: try JSONText.document(facts)) {
            switch format {
            case .npy: for (set, path) in zip(sets, $0) { try NumpyFile.write(set.values, to: path) }
            case .npz: try NumpyArchive.write(sets.map { ($0.view, $0.values) }, to: $0[0])
            }
        }
    }

    static func fileName(of view: String) -> String { "\(view).npy" }

    /// Reads the views of a folder, sorted by name.
    ///
    /// - Parameters:
    ///   - folder: a folder from `dubkit embed --out`.
    ///   - plan: throws unless the features were computed from this; nil accepts any.
    public static func read(_ folder: String, plan: String? = nil) throws -> [FeatureSet] {
        let path = "\(folder)/\(factsName)"
        let files = DiskFileSystem()
        guard files.exists(path) else {
            let reason =
                FeatureReplacement.isUnfinished(folder, files)
                ? "dubkit embed has not finished" : "dubkit embed makes them"
            throw KitError(.noInput, "\(folder): contains no features (there is no \(factsName)); \(reason)")
        }
        let facts: Facts
        do {
            facts = try JSONDecoder().decode(Facts.self, from: try files.read(path))
        } catch let error as DecodingError {
            throw KitError(.badData, "\(path): cannot be understood: \(error.reason)")
        }
        guard plan == nil || plan == facts.plan else { throw KitError(.badData, "\(folder): was made from other data") }
        // Features that were written again in the other format replace the old files.
        let archive = files.exists("\(folder)/\(archiveName)") ? try NumpyArchive("\(folder)/\(archiveName)") : nil
        return try facts.views.sortedByBytes(of: \.key).map { view, width in
            let file = "\(folder)/\(fileName(of: view))"
            let values = try files.exists(file) ? NumpyFile.read(file) : archive?.tensor(view) ?? NumpyFile.read(file)
            let frames = facts.frames?[view]
            // Numbers in a file may be any.
            let rows = frames.map { $0.reduce(0) { $0.addingReportingOverflow($1).partialValue } } ?? facts.ids.count
            guard values.shape == [rows, width] else {
                throw KitError(
                    .badData, "\(file): has the shape \(values.shape), but \(factsName) says [\(rows), \(width)]")
            }
            return try FeatureSet(
                view: view, ids: facts.ids, films: facts.films, values: values, frames: frames, encoder: facts.encoder)
        }
    }
}
