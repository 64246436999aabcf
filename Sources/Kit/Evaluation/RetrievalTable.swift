import KitCore

/// Retrieval results as a small table.
package enum RetrievalTable {
    package static let cutoffs = [1, 5, 10]

    ///     held-out retrieval among 96 clips     R@1    R@5   R@10   median rank
    ///     video to audio                      31.2%  66.7%  82.3%           3.0
    ///     chance                               1.0%   5.2%  10.4%          48.5
    static func lines(_ rows: [(name: String, ranks: RetrievalRanks)], title: String) -> [String] {
        func row(_ name: String, _ recall: (Int) -> Double, _ medianRank: Double) -> [String] {
            [name] + cutoffs.map { "\(decimal(recall($0) * 100, 1))%" } + [decimal(medianRank, 1)]
        }
        let named = rows.map { name, ranks in
            row(name.replacingOccurrences(of: "_", with: " "), ranks.recall, ranks.medianRank)
        }
        let ranks = rows[0].ranks
        return TextTable.lines(
            [[title] + cutoffs.map { "R@\($0)" } + ["median rank"]] + named
                + [row("chance", ranks.chanceRecall, ranks.chanceMedianRank)],
            [.left(atLeast: 36)] + cutoffs.map { _ in .right(atLeast: 6) } + [.right(atLeast: 12)])
    }
}
