import KitCore

/// A chart of one quantity over the steps: a line for each loss term, or for each run.
struct CurvePanel: Encodable {
    struct Line: Encodable {
        let name: String
        /// The index of its colour on the page.
        let color: Int
        /// For each point, its last step, and the mean and range of its steps.
        let steps: [Int]
        let means: [Double]
        let least: [Double]
        let largest: [Double]

        init(_ name: String, color: Int, _ series: ThinnedSeries) {
            self.name = name
            self.color = color
            steps = series.bins.map(\.last)
            means = series.bins.map { short($0.mean) }
            least = series.bins.map { short($0.least) }
            largest = series.bins.map { short($0.largest) }
        }

        init(_ name: String, color: Int, points: [(step: Int, value: Double)]) {
            self.name = name
            self.color = color
            steps = points.map(\.step)
            means = points.map { short($0.value) }
            (least, largest) = (means, means)
        }
    }

    let title: String
    let unit: String
    let lines: [Line]
    /// Whether a logarithmic axis makes sense.
    let isLoss: Bool
    /// The result of guessing.
    var chance: Double?
    /// The maximum number of steps in a point.
    let binSize: Int

    init(
        _ title: String, unit: String = "", _ lines: [Line], isLoss: Bool = false, chance: Double? = nil,
        binSize: Int = 1
    ) {
        (self.title, self.unit, self.lines) = (title, unit, lines)
        (self.isLoss, self.chance, self.binSize) = (isLoss, chance, binSize)
    }

    /// The charts of some runs. For one run, all loss terms are in one chart; for several runs, each term has its own
    /// chart.
    static func panels(_ runs: [ReportRun]) -> [CurvePanel] {
        let curves = runs.enumerated().compactMap { index, run in
            run.curves.content.map { (index: index, name: run.label, curves: $0) }
        }
        func panel(
            _ title: String, unit: String = "", isLoss: Bool = false, _ series: (MetricCurves) -> ThinnedSeries?
        ) -> CurvePanel? {
            let found = curves.compactMap { run in series(run.curves).map { (run.name, run.index, $0) } }
            guard !found.isEmpty else { return nil }
            return CurvePanel(
                title, unit: unit, found.map { Line($0, color: $1, $2) }, isLoss: isLoss,
                binSize: found.map(\.2.binSize).max()!)
        }
        let terms = Set(curves.flatMap { $0.curves.terms.keys }).sortedByBytes()
        var panels: [CurvePanel?] = []
        if runs.count == 1, let own = curves.first?.curves, terms.count > 1 {
            let lines =
                [Line("sum", color: 0, own.loss)]
                + terms.enumerated().map { Line($1, color: $0 + 1, own.terms[$1]!) }
            panels = [CurvePanel("Loss by term", lines, isLoss: true, binSize: own.loss.binSize)]
        } else {
            panels = [panel(terms.count > 1 ? "Loss, sum of all terms" : "Loss", isLoss: true) { $0.loss }]
            if terms.count > 1 {
                panels += terms.map { term in panel("Loss term '\(term)'", isLoss: true) { $0.terms[term] } }
            }
        }
        panels += retrieval(runs)
        panels += [
            panel("Learning rate") { $0.rate },
            panel("Gradient norm before clipping") { $0.gradientNorm },
            panel("Speed", unit: "clips per second") { $0.clipsPerSecond },
        ]
        return panels.compactMap { $0 }
    }

    /// Held-out recall over the steps, if a run measured it more than once.
    private static func retrieval(_ runs: [ReportRun]) -> [CurvePanel] {
        let lines = runs.enumerated().flatMap { index, run -> [(Line, Double?)] in
            let measured = run.evaluations.map { (step: $0.step, table: RetrievalResults($0.results)) }
            let directions = measured.last?.table.families.first?.rows.map(\.direction) ?? []
            return directions.enumerated().compactMap { number, direction in
                let points = measured.compactMap { step, table -> (step: Int, value: Double)? in
                    let row = table.families.first?.rows.first { $0.direction == direction }
                    return row?.results["recall_at_1"].map { (step, $0.value * 100) }
                }
                guard points.count > 1 else { return nil }
                let name = runs.count == 1 ? direction : "\(run.label), \(direction)"
                let chance = measured.last?.table.families.first?.chance["recall_at_1"]
                return (Line(name, color: runs.count == 1 ? number : index, points: points), chance)
            }
        }
        guard !lines.isEmpty else { return [] }
        let chances = Set(lines.compactMap(\.1))
        return [
            CurvePanel(
                "Held-out retrieval, R@1", unit: "%", lines.map(\.0),
                chance: chances.count == 1 ? chances.first.map { short($0 * 100) } : nil)
        ]
    }
}
