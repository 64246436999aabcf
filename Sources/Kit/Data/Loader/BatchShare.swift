import Foundation
import KitCore

/// The part of each batch that one process of several reads, and what the processes tell each other of clips that cannot be
/// read: all fill the same places with the same substitutes.
package struct BatchShare {
    private let layout: ShardLayout
    private let processes: any ProcessGroup

    package init(_ layout: ShardLayout, _ processes: any ProcessGroup) {
        (self.layout, self.processes) = (layout, processes)
    }

    /// The places of a batch that this process reads.
    func rows(of batch: Int) -> Range<Int> { layout.rows(of: layout.own, in: batch) }

    /// What a process tells the others of its part of a batch.
    private struct Note: Codable {
        struct Failure: Codable {
            let place: Int
            /// Nil for a source that was known to be unreadable.
            let kind: Int32?
            let message: String
        }

        let mustReadAgain: Bool
        let failures: [Failure]
    }

    /// Tells the other processes which places of this one could not be read, and notes those of theirs.
    ///
    /// - Returns: whether the batch must be read once more, since what one of the processes read is out of date.
    func agree(on job: BatchJob, mustReadAgain: Bool) throws -> Bool {
        let failures = job.failures.sorted { $0.key < $1.key }.map {
            Note.Failure(place: $0, kind: $1?.kind.rawValue, message: $1?.message ?? "")
        }
        let own = Array(try JSONEncoder().encode(Note(mustReadAgain: mustReadAgain, failures: failures)))
        let notes = try processes.gather(own).map { try JSONDecoder().decode(Note.self, from: Data($0)) }
        for failure in notes.flatMap(\.failures) where !job.batch.rows.contains(failure.place) {
            let error = failure.kind.map { KitError(KitError.Kind(rawValue: $0) ?? .badData, failure.message) }
            job.addFailure(error, at: failure.place)
        }
        return notes.contains { $0.mustReadAgain }
    }
}
