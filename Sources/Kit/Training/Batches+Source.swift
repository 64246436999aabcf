import Foundation
import KitCore
import KitData

extension ClipBatch: TrainingBatch {
    public func part(_ rows: Range<Int>) throws -> any TrainingBatch {
        let part: ClipBatch = try part(rows)
        return part
    }
}

/// An endless sequence of batches of films.
extension Batches: BatchSource {
    public func nextBatch() throws -> any TrainingBatch {
        // The first call after the last batch of an epoch returns nil.
        if let batch = try next() { return batch }
        guard let batch = try next() else { throw KitError(.badData, "\(scriptDescription): an epoch without batches") }
        return batch
    }

    public func dryRunBatch(of count: Int) throws -> (any TrainingBatch)? { try firstClips(count) }

    public func savedPosition() throws -> String { String(decoding: try JSONText.compact(state), as: UTF8.self) }

    public func restore(position: String) throws {
        let saved: State
        do {
            saved = try JSONDecoder().decode(State.self, from: Data(position.utf8))
        } catch {
            throw KitError(.badData, "the position in the data cannot be understood: \(error)")
        }
        try restore(saved)
    }

    public func begin(in folder: String?, count: Int) {
        if let folder { badSampleLog = BadSampleLog(URL(fileURLWithPath: "\(folder)/bad_samples.jsonl")) }
        epochLimit = (count + batchesPerEpoch - 1) / batchesPerEpoch
    }

    public func end() { close() }

    public func share(by layout: ShardLayout?) { share = layout.map { BatchShare($0, Session.current.processes) } }

    public var leftOut: [String] { dataset.leftOut }

    public var clips: ClipSettings? { dataset.settings }
}
