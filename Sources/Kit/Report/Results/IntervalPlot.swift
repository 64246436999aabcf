/// One task of a table of results as a chart: a dot and an interval for each variant.
struct IntervalPlot: Encodable {
    struct Row: Encodable {
        let name: String
        let mean: Double
        let low: Double?
        let high: Double?
        let isBaseline: Bool
    }

    let title: String
    let unit: String
    let chance: Double?
    let rows: [Row]

    static func plots(_ table: ResultTable) -> [IntervalPlot] {
        table.columns.enumerated().map { index, column in
            let figure = ResultText(column.metric)
            return IntervalPlot(
                title: column.task, unit: "\(figure.title)\(column.lowerIsBetter ? ", lower is better" : "")",
                chance: column.chance.map { short($0 * figure.scale) },
                rows: table.rows.compactMap { row in
                    row.cells[index].map { cell in
                        Row(
                            name: row.variant, mean: short(cell.mean * figure.scale),
                            low: cell.interval.map { short($0.lowerBound * figure.scale) },
                            high: cell.interval.map { short($0.upperBound * figure.scale) },
                            isBaseline: row.isBaseline)
                    }
                })
        }
    }
}
