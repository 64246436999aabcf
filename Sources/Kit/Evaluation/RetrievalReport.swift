import KitCore
import KitTensor
import KitTraining

/// Retrieval between all pairs of views, as results and a table.
package enum RetrievalReport {
    private typealias Row = (name: String, ranks: RetrievalRanks)

    /// Ranks the embeddings of every view against those of every other view, in each family of candidates that leaves a
    /// choice.
    /// - Parameters:
    ///   - views: embeddings [clips, features] by name.
    ///   - films: the film of each clip. For intervals, whole films are drawn, since their clips are not independent.
    package static func make(
        _ views: [(name: String, tensor: Tensor)], films: [String], title: String, bootstrap: Bootstrap
    ) throws -> EvaluationReport {
        let count = films.count
        guard count > 1 else {
            let warning =
                "\(title) is not defined for \(count) clip\(count == 1 ? "" : "s"): there is nothing to choose from"
            return EvaluationReport(results: [("clips", Double(count))], table: [], warnings: [warning])
        }
        let normalized = try views.map { ($0.name, try $0.tensor.l2Normalized()) }
        let pairs = try similarities(normalized)
        var (results, table): ([(name: String, value: Double)], [String]) = ([], [])
        for candidates in RetrievalRanks.Candidates.allCases {
            let rows = pairs.map { name, similarities in
                (
                    name,
                    RetrievalRanks(similarities: similarities, count: count, films: films, candidates: candidates)
                )
            }
            guard let first = rows.first, !first.1.places.isEmpty else { continue }
            let prefix = candidates == .all ? "" : "\(candidates.rawValue)/"
            results += self.results(rows, films, bootstrap).map { ("\(prefix)\($0.name)", $0.value) }
            switch candidates {
            case .all: table += RetrievalTable.lines(rows, title: "\(title) among \(counted(count, "clip"))")
            case .sameFilm: table += RetrievalTable.lines(rows, title: "among clips of the same film")
            case .crossFilm: table += RetrievalTable.lines(rows, title: "among clips of other films")
            }
        }
        let collapsed = normalized.filter { EmbeddingSpread.isCollapsed($0.1) }.map(\.0)
        return EvaluationReport(
            results: results + [("clips", Double(count))], table: table,
            warnings: collapsed.map {
                "the embeddings of '\($0)' have collapsed: they are nearly the same for all clips"
            })
    }

    /// The cosine similarities of each ordered pair of views.
    private static func similarities(
        _ views: [(name: String, tensor: Tensor)]
    ) throws -> [(name: String, values: [Float])] {
        try views.flatMap { from, queries in
            try views.filter { $0.name != from }.map { to, candidates in
                guard queries.shape == candidates.shape else {
                    throw KitError.usage(
                        "embed: '\(from)' has \(queries.shape[1]) features, but '\(to)' has \(candidates.shape[1])")
                }
                return ("\(from)_to_\(to)", try queries.matmul(candidates, transposeB: true).values)
            }
        }
    }

    private static func results(
        _ rows: [Row], _ films: [String], _ bootstrap: Bootstrap
    ) -> [(name: String, value: Double)] {
        let cutoffs = RetrievalTable.cutoffs
        var results: [(name: String, value: Double)] = []
        for (name, ranks) in rows {
            let members = Dictionary(grouping: ranks.queries.indices, by: { films[ranks.queries[$0]] })
            let groups = members.sortedByBytes(of: \.key).map(\.value)
            let measures: [(name: String, of: ([Int]) -> Double)] =
                cutoffs.map { k in ("recall_at_\(k)", { ranks.recall(at: k, of: $0) }) }
                + [("median_rank", ranks.medianRank(of:))]
            for (measure, value) in measures {
                results.append(("\(name)/\(measure)", value(Array(ranks.places.indices))))
                guard let interval = bootstrap.interval(groups, value) else { continue }
                results.append(("interval/\(name)/\(measure)/low", interval.low))
                results.append(("interval/\(name)/\(measure)/high", interval.high))
            }
        }
        let ranks = rows[0].ranks
        return results + cutoffs.map { ("chance/recall_at_\($0)", ranks.chanceRecall(at: $0)) }
            + [("chance/median_rank", ranks.chanceMedianRank)]
    }
}
