import Foundation
import KitCore

/// The part of each batch that one of several processes reads. The processes also tell each other which clips cannot be
/// read, so that all of them fill the same places with the same substitutes.
package struct BatchShare {
    private let layout: ShardLayout
    private let processes: any ProcessGroup

    package init(_ layout: ShardLayout, _ processes: any ProcessGroup) {
        (self.layout, self.processes) = (layout, processes)
    }

    /// The places of a batch that this process reads.
    func rows(of batch: Int) -> Range<Int> { layout.rows(of: layout.own, in: batch) }

    /// The note that a process sends about its part of a batch.
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

    /// Tells the other processes which places this process could not read, and records the places that they could not
    /// read.
    ///
    /// - Returns: whether the batch must be read again, because part of it that a process read is out of date.
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
