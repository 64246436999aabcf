import KitCore
import KitTensor

/// The rank of the right candidate when each query ranks all candidates by cosine similarity.
///
/// Query i belongs to candidate i. If candidates tie with the right one, recall and rank are expectations over their
/// order, so that collapsed embeddings score like chance and not as perfect.
public struct RetrievalRanks {
    /// The candidates that a query ranks along with the right one.
    public enum Candidates: String, CaseIterable, Sendable {
        case all
        /// Clips of its own film: only what changes within a film can find the right one.
        case sameFilm = "same_film"
        /// Clips of other films: what is constant within a film can find the right one.
        case crossFilm = "cross_film"
    }

    /// For each query, the number of candidates that are more similar than the right one, of others that are equally
    /// similar, and of all candidates including the right one.
    let places: [(better: Int, tied: Int, candidates: Int)]
    /// The query of each place. Queries without other candidates have none.
    let queries: [Int]

    /// Similarities closer than this count as equal: a few rounding errors of a cosine in single precision.
    private static let tolerance: Float = 1e-6

    /// - Parameters:
    ///   - similarities: [queries, candidates], square.
    ///   - films: the film of each clip; needed unless all are candidates.
    package init(similarities: [Float], count: Int, films: [String] = [], candidates: Candidates = .all) {
        let ranked = (0..<count).map { query in
            let row = similarities[query * count..<(query + 1) * count]
            let right = row[row.startIndex + query]
            var place = (better: 0, tied: 0, candidates: 1)
            for other in 0..<count where other != query {
                guard candidates == .all || (films[other] == films[query]) == (candidates == .sameFilm) else {
                    continue
                }
                let similarity = row[row.startIndex + other]
                place.candidates += 1
                if similarity > right + Self.tolerance {
                    place.better += 1
                } else if abs(similarity - right) <= Self.tolerance {
                    place.tied += 1
                }
            }
            return place
        }
        queries = ranked.indices.filter { candidates == .all || ranked[$0].candidates > 1 }
        places = queries.map { ranked[$0] }
    }

    /// The share of queries whose right candidate is among the first `k`.
    public func recall(at k: Int) -> Double { recall(at: k, of: Array(places.indices)) }

    /// The same for some of the places; one may occur several times.
    func recall(at k: Int, of chosen: [Int]) -> Double {
        let hits = chosen.map { index in
            let place = places[index]
            return min(max(Double(k - place.better) / Double(place.tied + 1), 0), 1)
        }
        return hits.reduce(0, +) / Double(hits.count)
    }

    /// The median of the right candidates' ranks, from 1.
    public var medianRank: Double { medianRank(of: Array(places.indices)) }

    func medianRank(of chosen: [Int]) -> Double {
        Self.median(chosen.map { Double(places[$0].better + 1) + Double(places[$0].tied) / 2 })
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The expectation for random embeddings: k of n candidates are among the first k.
    public func chanceRecall(at k: Int) -> Double {
        places.reduce(0) { $0 + Double(min(k, $1.candidates)) / Double($1.candidates) } / Double(places.count)
    }

    /// The expectation for random embeddings: ranks are uniform on 1...n, so each one's mean is in the middle.
    public var chanceMedianRank: Double { Self.median(places.map { Double($0.candidates + 1) / 2 }) }
}
