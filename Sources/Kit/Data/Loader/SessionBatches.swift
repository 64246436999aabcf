import KitCore

/// The batches that a session made, so that checkpoints can contain the positions of those that a recipe reads itself
/// during a training.
///
/// They are known by how many were made between them and the training's own, which is the same when the recipe runs
/// again, whatever else the session has done before.
package final class SessionBatches: SessionPart, @unchecked Sendable {
    private struct Entry { weak var batches: Batches? }

    /// In the order in which they were made.
    private var made: [Entry] = []

    package init() {}

    func add(_ batches: Batches) { made.append(Entry(batches: batches)) }

    /// Begins a training: only what a script reads from now on belongs to it.
    package func begin() {
        for entry in made { entry.batches?.isReadByScript = false }
    }

    /// Those that the script has read from, without the training's own, with their distances from it.
    package func readByScript(besides own: AnyObject) -> [(distance: Int, batches: Batches)] {
        let place = place(of: own)
        return made.enumerated().compactMap { number, entry in
            entry.batches.flatMap { $0.isReadByScript && $0 !== own ? (number - place, $0) : nil }
        }
    }

    /// The batches at a distance from the training's own; nil if there are none, or no longer.
    package func batches(at distance: Int, from own: AnyObject) -> Batches? {
        let number = place(of: own) + distance
        return made.indices.contains(number) ? made[number].batches : nil
    }

    /// The number of the training's own batches; 0 for batches of another kind.
    private func place(of own: AnyObject) -> Int { made.firstIndex { $0.batches === own } ?? 0 }
}
