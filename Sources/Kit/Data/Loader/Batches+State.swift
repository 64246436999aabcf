import KitCore

extension Batches {
    /// The position of a run in its data. With it, a resumed run gets the same batches as an uninterrupted one.
    public struct State: Codable, Equatable, Sendable {
        /// The next batch, both from 0.
        public let epoch: Int
        public let index: Int
        public let badSamples: [BadSample]
        /// The data and the sampler that the position refers to.
        public let data: String
        public let sampler: String
    }

    /// The position after the last batch from `next`, regardless of read-ahead.
    public var state: State {
        State(
            epoch: epoch, index: index, badSamples: badSamples, data: dataset.fingerprint, sampler: sampler.settings)
    }

    /// Continues from a state. Throws if it belongs to other data or another sampler.
    public func restore(_ state: State) throws {
        for (name, then, now) in [
            ("data", state.data, dataset.fingerprint), ("sampler", state.sampler, sampler.settings),
        ] where then != now && then != sampler.formerSettings {
            throw KitError(
                .configuration, "cannot resume: the checkpoint's \(name) was \(then), but the recipe's is \(now)")
        }
        guard 0...1 << 53 ~= state.epoch, 0...batchesPerEpoch ~= state.index else {
            throw KitError(
                .badData,
                "cannot resume at epoch \(state.epoch), batch \(state.index): an epoch has \(batchesPerEpoch) batches")
        }
        move(toEpoch: state.epoch, index: state.index, badSamples: state.badSamples)
    }
}

extension Batches: ScriptObject {
    public static var scriptTypeName: String { "batches" }
    public static var scriptSummary: String { "The batches of a dataset in the order of a sampler, read ahead." }
    public var scriptDescription: String {
        "batches: \(batchesPerEpoch) per epoch by \(sampler.settings) from \(dataset.fingerprint)"
    }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "next", on: Batches.self, "The next batch, or nil at the end of an epoch.",
                returns: ClipBatch?.self
            ) { batches in
                batches.isReadByScript = true
                return try batches.next()
            },
            ScriptMethod("__len", on: Batches.self, "The number of batches in an epoch.", returns: Int.self) {
                $0.batchesPerEpoch
            },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Batches.self) }
