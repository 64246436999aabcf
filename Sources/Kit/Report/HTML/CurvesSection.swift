import KitCore

/// Charts of the training, which a script draws, and their last values as a table.
struct CurvesSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let reasons = content.runs.filter { $0.curves.content == nil }.map { run in
            Pieces.missing("\(run.label): \(run.curves.reason).")
        }
        let panels = content.data.panels
        guard !panels.isEmpty else { return "\(reasons)" }
        let figures = panels.indices.map { figure($0, panels[$0]) }
        return """
            \(reasons)
            <form class="controls"><label><input type="checkbox" id="log-loss"> logarithmic loss</label></form>
            <div class="charts">\(figures)</div>
            <details><summary>These curves as a table</summary>
            \(table(panels))
            </details>
            """
    }

    private func figure(_ index: Int, _ panel: CurvePanel) -> HTML {
        let thinned: HTML? =
            panel.binSize > 1
            ? "<p class=\"note\">A point is the mean of up to \(panel.binSize) steps, and the band is their range.</p>"
            : nil
        return """
            <figure class="chart" data-panel="\(index)">
            <figcaption><b>\(panel.title)</b> <span class="unit">\(panel.unit)</span></figcaption>
            <div class="plot"></div>
            <div class="legend"></div>
            \(thinned)
            </figure>

            """
    }

    private func table(_ panels: [CurvePanel]) -> HTML {
        let rows = panels.flatMap { panel in
            panel.lines.map { line -> HTML in
                let least = line.least.min().map { "\($0)" } ?? ""
                let largest = line.largest.max().map { "\($0)" } ?? ""
                let last = line.means.last.map { "\($0)" } ?? ""
                return """
                    <tr><th scope="row">\(panel.title)</th><td>\(line.name)</td><td class="n">\(least)</td>
                    <td class="n">\(largest)</td><td class="n">\(last)</td><td>\(panel.unit)</td></tr>

                    """
            }
        }
        return Pieces.table(
            "Values of the curves",
            """
            <thead><tr><th scope="col">curve</th><th scope="col">line</th><th scope="col" class="n">lowest</th>
            <th scope="col" class="n">highest</th><th scope="col" class="n">last point</th><th scope="col">unit</th></tr></thead>
            <tbody>\(rows)</tbody>
            """)
    }
}
