import KitEvaluation

/// The results of a retrieval evaluation in `evaluation/retrieval-step-60.json`, sorted into tables.
struct RetrievalResults {
    struct Result: Equatable {
        let value: Double
        var interval: ClosedRange<Double>?
    }

    struct Row {
        /// "video to audio".
        let direction: String
        /// By measure: "recall_at_1", "median_rank".
        var results: [String: Result] = [:]
    }

    /// A table for one choice of candidates.
    struct Family {
        let candidates: RetrievalRanks.Candidates
        var rows: [Row] = []
        /// By measure.
        var chance: [String: Double] = [:]
    }

    let families: [Family]
    let clips: Int?

    static let measures = RetrievalTable.cutoffs.map { "recall_at_\($0)" } + ["median_rank"]

    /// - Parameter results: the results by name, as in the file. Others than those of retrieval are ignored.
    init(_ results: [String: Double]) {
        clips = results["clips"].map { Int(saturating: $0) }
        families = RetrievalRanks.Candidates.allCases.compactMap { candidates in
            var family = Family(candidates: candidates)
            let prefix = candidates == .all ? [] : [candidates.rawValue]
            for (name, value) in results.sortedByBytes(of: \.key) {
                let parts = name.split(separator: "/").map(String.init)
                guard parts.count == prefix.count + 2, Array(parts.prefix(prefix.count)) == prefix,
                    let measure = parts.last, Self.measures.contains(measure)
                else { continue }
                let pair = parts[prefix.count]
                if pair == "chance" {
                    family.chance[measure] = value
                    continue
                }
                let direction = pair.replacingOccurrences(of: "_", with: " ")
                if family.rows.last?.direction != direction { family.rows.append(Row(direction: direction)) }
                let ends = ["low", "high"].map {
                    results[(prefix + ["interval", pair, measure, $0]).joined(separator: "/")]
                }
                var result = Result(value: value)
                if let low = ends[0], let high = ends[1], low <= high { result.interval = low...high }
                family.rows[family.rows.count - 1].results[measure] = result
            }
            return family.rows.isEmpty ? nil : family
        }
    }
}
