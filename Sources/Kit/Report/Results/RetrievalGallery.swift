import KitCore
import KitEvaluation
import KitTensor

/// Examples of retrieval from one view of clips to another: the best candidates, and the rank of the right clip.
package struct RetrievalGallery {
    package struct Found {
        /// The index in the list of clips.
        package let clip: Int
        package let similarity: Double
        /// From 1.
        package let rank: Int
    }

    package struct Query {
        package let clip: Int
        /// The best candidates, best first. If the right one is not among them, it follows them.
        package let found: [Found]
        /// The rank of the right clip, from 1. Candidates that tie with it come first.
        package let rank: Int
    }

    package let from: String
    package let to: String
    /// The names of the clips.
    package let ids: [String]
    package let hits: [Query]
    package let misses: [Query]
    /// The number of queries that find their clip first.
    package let hitCount: Int

    /// - Parameters:
    ///   - queries: features of clips.
    ///   - candidates: other features of the same clips, in the same space.
    ///   - examples: the number of hits, and of misses, to show.
    ///   - shown: the number of candidates to show for each.
    package init(_ queries: FeatureSet, _ candidates: FeatureSet, examples: Int, shown: Int = 5) throws {
        (from, to, ids) = (queries.view, candidates.view, queries.ids)
        let known = try candidates.values.l2Normalized()
        let count = ids.count
        var ranks: [Int] = []
        // Computes blocks of similarities to limit the use of memory.
        for start in stride(from: 0, to: count, by: 256) {
            try Interrupt.check()
            let rows = try queries.values.slice(axis: 0, start..<min(start + 256, count)).l2Normalized()
            let similarities = try rows.matmul(known, transposeB: true)
            for row in 0..<rows.shape[0] {
                let values = UnsafeBufferPointer(start: similarities.pointer + row * count, count: count)
                ranks.append(1 + values.indices.count { $0 != start + row && values[$0] >= values[start + row] })
            }
        }
        let hits = ranks.indices.filter { ranks[$0] == 1 }
        let misses = ranks.indices.filter { ranks[$0] > 1 }.sorted { (ranks[$1], $0) < (ranks[$0], $1) }
        hitCount = hits.count
        func query(_ index: Int) throws -> Query {
            let row = try queries.values.slice(axis: 0, index..<index + 1).l2Normalized()
            let values = try row.matmul(known, transposeB: true).values
            let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
            var found = order.prefix(shown).enumerated().map {
                Found(clip: $1, similarity: Double(values[$1]), rank: $0 + 1)
            }
            if !found.contains(where: { $0.clip == index }) {
                found.append(Found(clip: index, similarity: Double(values[index]), rank: ranks[index]))
            }
            return Query(clip: index, found: found, rank: ranks[index])
        }
        self.hits = try ReportClips.spread(hits, examples).map(query)
        self.misses = try misses.prefix(examples).map(query)
    }

    /// The language of the sound to play for a view, if its name has one ("audio.es").
    package static func language(of view: String) -> String? {
        guard let dot = view.lastIndex(of: ".") else { return nil }
        return String(view[view.index(after: dot)...])
    }
}
