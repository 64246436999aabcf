import KitCore
import KitTensor

/// The features of an encoder for a list of sources or clips: a row for each.
public final class FeatureSet {
    /// The encoder's name, "audio" or "video"; with a language if there are several tracks: "audio.es".
    public let view: String
    /// The name of each row: a source's, or a clip's ("market:12.000").
    public let ids: [String]
    /// The film of each row.
    public let films: [String]
    /// [rows, features].
    public let values: Tensor
    /// The weights that computed them: run, step and digest. Features of different encoders are never compared.
    public let encoder: String

    /// Throws if the number of rows and names differs, a name occurs twice, or a value is not finite.
    public init(view: String, ids: [String], films: [String], values: Tensor, encoder: String) throws {
        guard values.shape.rank == 2, values.shape[0] == ids.count, films.count == ids.count else {
            throw KitError(
                .badData, "features '\(view)': \(ids.count) names do not fit values of shape \(values.shape)")
        }
        if let twice = Dictionary(grouping: ids, by: { $0 }).first(where: { $1.count > 1 })?.key {
            throw KitError(.badData, "features '\(view)': the name '\(twice)' comes twice")
        }
        let width = values.shape[1]
        let numbers = UnsafeBufferPointer(start: values.pointer, count: values.count)
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
            throw KitError(
                .nonFinite, "features '\(view)': row '\(ids[bad / width])' has \(numbers[bad]) at \(bad % width + 1)")
        }
        (self.view, self.ids, self.films, self.values, self.encoder) = (view, ids, films, values, encoder)
    }

    /// The rows of these names, in this order. Throws an error that names the first that is missing.
    public func rows(_ names: [String]) throws -> Tensor {
        let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        let missing = names.filter { places[$0] == nil }
        guard missing.isEmpty else {
            throw KitError(
                .badData,
                "features '\(view)' of \(encoder): \(missing.count) of \(names.count) items have no row, such as "
                    + "'\(missing[0])'\(NearestName.hint(missing[0], in: ids.prefix(10_000))): "
                    + "were they made from this dataset?")
        }
        return try values.gatherRows(names.map { places[$0]! })
    }
}

extension FeatureSet: ScriptObject {
    public static var scriptTypeName: String { "feature set" }
    public static var scriptSummary: String { "Rows of features that an encoder made, with their names." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod("values", on: FeatureSet.self, "All rows, a tensor [rows, features].", returns: Tensor.self) {
                $0.values
            },
            ScriptMethod("ids", on: FeatureSet.self, "The names of the rows.", returns: [String].self) { $0.ids },
            ScriptMethod("films", on: FeatureSet.self, "The film of each row.", returns: [String].self) {
                $0.films
            },
            ScriptMethod(
                "rows", on: FeatureSet.self, "The rows of some names, in their order, as a tensor.",
                ScriptArgument("ids", [String].self), returns: Tensor.self
            ) { set, ids in try set.rows(ids) },
            ScriptMethod(
                "nearest", on: FeatureSet.self,
                "The k rows most similar to a row, by cosine: a list of { id, film, start, similarity }, the best first. The row is a number from 1, a name, or a tensor [features] of the same encoder; one of the set itself is not listed.",
                ScriptArgument("row", Either<Int, Either<String, Tensor>>.self),
                ScriptArgument("k", Int.self, default: 5),
                returns: [Options].self
            ) { set, row, k in try set.nearest(row, k).map(set.facts) },
            ScriptMethod("__len", on: FeatureSet.self, "The number of rows.", returns: Int.self) { $0.ids.count },
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("view", on: FeatureSet.self, String.self) { $0.view },
            ScriptField("encoder", on: FeatureSet.self, String.self) { $0.encoder },
        ]
    }
    public var scriptDisplay: String { "\(scriptDescription)\n\(values.scriptDisplay)" }
    public var scriptDescription: String { "features '\(view)' \(values.shape) of \(encoder)" }
    public var scriptBytes: Int { values.count * 4 }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(FeatureSet.self) }
