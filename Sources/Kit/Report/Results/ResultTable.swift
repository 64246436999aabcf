import Foundation
import KitCore

/// Results as a table: variants are rows, tasks are columns.
package struct ResultTable: Equatable {
    package struct Column: Equatable {
        package let task: String
        package let metric: String
        package let family: String
        package let chance: Double?
        package let lowerIsBetter: Bool
    }

    package struct Row: Equatable {
        package let variant: String
        package let isBaseline: Bool
        /// One cell per column; nil if it was not run.
        package let cells: [Cell?]
    }

    package struct Cell: Equatable {
        /// The mean over the seeds.
        package let mean: Double
        /// A 95 % interval: over the seeds if there are several, else the one of the value.
        package let interval: ClosedRange<Double>?
        package let seeds: Int
        package let items: Int?
    }

    package let columns: [Column]
    /// Trained systems first, then baselines, each in order of appearance.
    package let rows: [Row]

    package init(_ lines: [ResultLine]) {
        // The last line of a cell and seed counts, at the position of the first.
        var cells: [CellKey: [Int?: ResultLine]] = [:]
        var (variants, columns): ([String], [ColumnKey]) = ([], [])
        for line in lines {
            let column = ColumnKey(task: line.task, metric: line.metric)
            if !variants.contains(line.variant) { variants.append(line.variant) }
            if !columns.contains(column) { columns.append(column) }
            cells[CellKey(variant: line.variant, column: column), default: [:]][line.seed] = line
        }
        let described = columns.map { key in
            let own = lines.filter { $0.task == key.task && $0.metric == key.metric }
            return Column(
                task: key.task, metric: key.metric, family: own.compactMap(\.family).last ?? "",
                chance: own.compactMap(\.chance).last, lowerIsBetter: own.contains { $0.lowerIsBetter == true })
        }
        // Tasks of one family are together, and families are in order of appearance.
        var families: [String] = []
        for column in described where !families.contains(column.family) { families.append(column.family) }
        let order = families.flatMap { family in described.indices.filter { described[$0].family == family } }
        self.columns = order.map { described[$0] }
        let rows = variants.map { variant in
            Row(
                variant: variant, isBaseline: lines.contains { $0.variant == variant && $0.baseline == true },
                cells: order.map { place in
                    cells[CellKey(variant: variant, column: columns[place])].map { Cell(Array($0.values)) }
                })
        }
        self.rows = rows.filter { !$0.isBaseline } + rows.filter(\.isBaseline)
    }

    private struct ColumnKey: Hashable { let task, metric: String }
    private struct CellKey: Hashable {
        let variant: String
        let column: ColumnKey
    }

    /// The best trained system of a column; nil if there are fewer than two to compare.
    package func best(in column: Int) -> Int? {
        let trained = rows.indices.filter { !rows[$0].isBaseline && rows[$0].cells[column] != nil }
        guard trained.count > 1 else { return nil }
        let isBetter: (Double, Double) -> Bool = columns[column].lowerIsBetter ? (<) : (>)
        return trained.dropFirst().reduce(trained[0]) {
            isBetter(rows[$1].cells[column]!.mean, rows[$0].cells[column]!.mean) ? $1 : $0
        }
    }
}

extension ResultTable.Cell {
    /// - Parameter lines: the lines of a cell, one per seed.
    fileprivate init(_ lines: [ResultLine]) {
        let values = lines.map(\.value).sorted()
        mean = values.reduce(0, +) / Double(values.count)
        seeds = values.count
        items = lines.compactMap(\.items).max()
        if values.count > 1 {
            let mean = mean
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
            let margin = Self.studentQuantile(values.count - 1) * (variance / Double(values.count)).squareRoot()
            interval = mean - margin...mean + margin
        } else if let low = lines[0].low, let high = lines[0].high, low <= high {
            interval = low...high
        } else {
            interval = nil
        }
    }

    /// The 97.5 % quantile of Student's t distribution: within 0.001 of the tables of Hill (1970), CACM algorithm 396.
    package static func studentQuantile(_ freedom: Int) -> Double {
        let exact = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281]
        if freedom <= exact.count { return exact[max(0, freedom - 1)] }
        // The expansion of Cornish and Fisher around the normal quantile.
        let (z, n) = (1.959964, Double(freedom))
        let (first, second) = (z * (z * z + 1) / 4, z * (5 * pow(z, 4) + 16 * z * z + 3) / 96)
        let third = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
        return z + first / n + second / (n * n) + third / (n * n * n)
    }
}
