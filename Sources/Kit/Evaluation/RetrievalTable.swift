import KitCore

/// Retrieval figures as a small table.
package enum RetrievalTable {
    package static let cutoffs = [1, 5, 10]

    ///     held-out retrieval among 96 clips     R@1    R@5   R@10   median rank
    ///     video to audio                      31.2%  66.7%  82.3%           3.0
    ///     chance                               1.0%   5.2%  10.4%          48.5
    static func lines(_ rows: [(name: String, ranks: RetrievalRanks)], title: String) -> [String] {
        let named = rows.map { row in
            (
                row.name.replacingOccurrences(of: "_", with: " "),
                cutoffs.map { row.ranks.recall(at: $0) }, row.ranks.medianRank
            )
        }
        let ranks = rows[0].ranks
        let chance = ("chance", cutoffs.map { ranks.chanceRecall(at: $0) }, ranks.chanceMedianRank)
        let width = max((named.map(\.0) + [title]).map(\.count).max()!, 36)
        let head = left(title, width) + cutoffs.map { right("R@\($0)", 8) }.joined() + right("median rank", 14)
        return [head]
            + (named + [chance]).map { name, recalls, rank in
                left(name, width) + recalls.map { right("\(decimal($0 * 100, 1))%", 8) }.joined()
                    + right(decimal(rank, 1), 14)
            }
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
