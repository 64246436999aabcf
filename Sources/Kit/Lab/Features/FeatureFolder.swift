import Foundation
import KitCore
import KitTensor

/// Features on the disk: a folder with `<view>.npy` for each view, or all in `features.npz`, and `ids.json`.
public enum FeatureFolder {
    public enum Format: String, ChoiceOption, Sendable { case npy, npz }

    /// `ids.json`: what the rows are.
    private struct Facts: Codable {
        var format = 1
        let encoder: String
        let ids: [String]
        let films: [String]
        /// The width of each view.
        let views: [String: Int]
        /// What the rows were made from, in words; nil for features made by other means.
        var plan: String?
    }

    static let factsName = "ids.json"
    private static let archiveName = "features.npz"

    /// Writes views of the same rows. `ids.json` comes last: a folder that has it is complete.
    public static func write(_ sets: [FeatureSet], to folder: String, format: Format = .npy, plan: String? = nil) throws
    {
        let files = DiskFileSystem()
        try files.makeFolder(folder)
        switch format {
        case .npy: for set in sets { try NumpyFile.write(set.values, to: "\(folder)/\(set.view).npy") }
        case .npz: try NumpyArchive.write(sets.map { ($0.view, $0.values) }, to: "\(folder)/\(archiveName)")
        }
        let facts = Facts(
            encoder: sets[0].encoder, ids: sets[0].ids, films: sets[0].films,
            views: Dictionary(uniqueKeysWithValues: sets.map { ($0.view, $0.values.shape[1]) }), plan: plan)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try files.replace("\(folder)/\(factsName)", with: try encoder.encode(facts) + Data("\n".utf8))
    }

    /// Reads the views of a folder of .npy files, sorted by name.
    ///
    /// - Parameters:
    ///   - folder: as `dubkit embed --out` wrote it.
    ///   - plan: throws unless the features were made from this; nil takes any.
    public static func read(_ folder: String, plan: String? = nil) throws -> [FeatureSet] {
        let path = "\(folder)/\(factsName)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw KitError(.noInput, "\(folder): holds no features (there is no \(factsName)); dubkit embed makes them")
        }
        let facts: Facts
        do {
            facts = try JSONDecoder().decode(Facts.self, from: try DiskFileSystem().read(path))
        } catch let error as DecodingError {
            throw KitError(.badData, "\(path): cannot be understood: \(error)")
        }
        guard plan == nil || plan == facts.plan else { throw KitError(.badData, "\(folder): was made from other data") }
        return try facts.views.sorted { $0.key < $1.key }.map { view, width in
            let values = try NumpyFile.read("\(folder)/\(view).npy")
            guard values.shape == [facts.ids.count, width] else {
                throw KitError(
                    .badData,
                    "\(folder)/\(view).npy: has the shape \(values.shape), but \(factsName) says "
                        + "[\(facts.ids.count), \(width)]")
            }
            return try FeatureSet(
                view: view, ids: facts.ids, films: facts.films, values: values, encoder: facts.encoder)
        }
    }
}
