import KitCore
import KitTensor

/// The features of an encoder for a list of sources or clips: a row for each, or several frames or tokens for each.
public final class FeatureSet {
    /// The encoder's name, "audio" or "video"; with a language if there are several tracks: "audio.es".
    public let view: String
    /// The name of each row: a source's, or a clip's ("market:12.000").
    public let ids: [String]
    /// The film of each row.
    public let films: [String]
    /// [rows, features]; with frames, those of all rows one after the other: [frames, features].
    public let values: Tensor
    /// The number of frames or tokens of each row; nil if each row is one vector.
    public let frames: [Int]?
    /// The weights that computed them: run, step and digest. Features of different encoders are never compared.
    public let encoder: String

    /// Throws if the number of rows and names differs, a name occurs twice, or a value is not finite.
    public init(
        view: String, ids: [String], films: [String], values: Tensor, frames: [Int]? = nil, encoder: String
    ) throws {
        let count = try frames.map { try Self.total($0, ids, view) } ?? ids.count
        guard values.shape.rank == 2, values.shape[0] == count, films.count == ids.count else {
            throw KitError(
                .badData, "features '\(view)': values of shape \(values.shape) for \(counted(ids.count, "name"))")
        }
        if let twice = Dictionary(grouping: ids, by: { $0 }).first(where: { $1.count > 1 })?.key {
            throw KitError(.badData, "features '\(view)': the name '\(twice)' comes twice")
        }
        let width = values.shape[1]
        let numbers = UnsafeBufferPointer(start: values.pointer, count: values.count)
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
            let row = frames.map { Self.row(ofFrame: bad / width, $0) } ?? bad / width
            throw KitError(
                .nonFinite, "features '\(view)': row '\(ids[row])' has \(numbers[bad]) at \(bad % width + 1)")
        }
        (self.view, self.ids, self.films, self.values) = (view, ids, films, values)
        (self.frames, self.encoder) = (frames, encoder)
    }

    /// The frames of all rows. Throws unless each row has some.
    private static func total(_ frames: [Int], _ ids: [String], _ view: String) throws -> Int {
        guard frames.count == ids.count else {
            throw KitError(
                .badData,
                "features '\(view)': \(counted(frames.count, "number")) of frames for \(counted(ids.count, "row"))")
        }
        if let row = frames.firstIndex(where: { $0 < 1 }) {
            throw KitError(.badData, "features '\(view)': row '\(ids[row])' has \(counted(frames[row], "frame"))")
        }
        return try frames.reduce(0) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(count)
            guard !overflow else { throw KitError(.badData, "features '\(view)': too many frames") }
            return total
        }
    }

    private static func row(ofFrame frame: Int, _ frames: [Int]) -> Int {
        var left = frame
        return frames.firstIndex { count in
            left -= count
            return left < 0
        }!
    }

    /// The rows of these names, in this order. Throws an error that names the first that is missing.
    public func rows(_ names: [String]) throws -> Tensor {
        try requireVectors()
        return try values.gatherRows(places(of: names))
    }

    /// Throws if rows have frames, which a comparison of rows needs as one vector each.
    func requireVectors() throws {
        guard frames == nil else {
            throw KitError.usage("features '\(view)' have frames: choose one vector for each row with pool(\"mean\")")
        }
    }

    /// The frames of each of these rows, [frames, features], in this order. A row without frames is one of itself.
    public func frames(of names: [String]) throws -> [Tensor] {
        let counts = frames ?? Array(repeating: 1, count: ids.count)
        var starts = [0]
        for count in counts { starts.append(starts.last! + count) }
        return try places(of: names).map { try values.slice(axis: 0, starts[$0]..<starts[$0 + 1]) }
    }

    /// The places of these rows.
    private func places(of names: [String]) throws -> [Int] {
        let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        let missing = names.filter { places[$0] == nil }
        guard missing.isEmpty else {
            throw KitError(
                .badData,
                "features '\(view)' of \(encoder): \(counted(missing.count, of: names.count, "item")) "
                    + "\(agreeing(missing.count, "has", "have")) no row, such as "
                    + "'\(missing[0])'\(NearestName.hint(missing[0], in: ids.prefix(10_000))): "
                    + "were they made from this dataset?")
        }
        return names.map { places[$0]! }
    }
}

extension FeatureSet: ScriptObject {
    public static var scriptTypeName: String { "feature set" }
    public static var scriptSummary: String { "Rows of features that an encoder made, with their names." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "values", on: FeatureSet.self,
                "All rows, a tensor [rows, features]; with frames, those of all rows one after the other.",
                returns: Tensor.self
            ) { $0.values },
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
            ScriptMethod(
                "frames", on: FeatureSet.self, "The frames or tokens of one row, a tensor [frames, features].",
                ScriptArgument("id", String.self), returns: Tensor.self
            ) { set, id in try set.frames(of: [id])[0] },
            ScriptMethod(
                "pool", on: FeatureSet.self,
                "The same rows as one vector each: the mean of their frames, the largest value of each feature, or both "
                    + "side by side.",
                ScriptArgument("pooling", FramePooling.self, default: .mean), returns: FeatureSet.self
            ) { set, pooling in try set.pooled(pooling) },
            ScriptMethod("__len", on: FeatureSet.self, "The number of rows.", returns: Int.self) { $0.ids.count },
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("view", on: FeatureSet.self, String.self) { $0.view },
            ScriptField("encoder", on: FeatureSet.self, String.self) { $0.encoder },
            ScriptField("has_frames", on: FeatureSet.self, Bool.self) { $0.frames != nil },
        ]
    }
    public var scriptDisplay: String { "\(scriptDescription)\n\(values.scriptDisplay)" }
    public var scriptDescription: String {
        guard frames != nil else { return "features '\(view)' \(values.shape) of \(encoder)" }
        return "features '\(view)' of \(encoder): \(counted(ids.count, "row")) of frames, \(values.shape) together"
    }
    public var scriptBytes: Int { values.count * 4 }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(FeatureSet.self) }
