import KitCore

/// Variants by tasks, and the held-out results of each run.
struct ResultsSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let table: HTML
        switch content.table {
        case .shown(let found): table = variants(found)
        case .missing(let reason): table = Pieces.missing(reason)
        }
        return """
            <h3>Variants by tasks</h3>
            \(table)
            <h3>Held-out retrieval</h3>
            \(retrieval)
            """
    }

    // MARK: variants by tasks

    private func variants(_ table: ResultTable) -> HTML {
        let families = Self.runs(of: table.columns.map(\.family)).map { family, count -> HTML in
            "<th scope=\"colgroup\" colspan=\"\(count)\">\(family)</th>"
        }
        let hasFamilies = table.columns.contains { !$0.family.isEmpty }
        let familyRow: HTML? = hasFamilies ? "<tr><td></td>\(families)</tr>" : nil
        let heads = table.columns.map { column -> HTML in
            let lower = column.lowerIsBetter ? ", lower is better" : ""
            return
                "<th scope=\"col\" class=\"n\">\(column.task)<small>\(ResultText(column.metric).title)\(lower)</small></th>"
        }
        let best = table.columns.indices.map(table.best)
        let reference = content.reference.flatMap { name in table.rows.first { $0.variant == name } }
        let rows = table.rows.map { row -> HTML in
            let isReference = row.variant == reference?.variant
            let cells = table.columns.indices.map { index -> HTML in
                let isBest = best[index].map { table.rows[$0].variant == row.variant } ?? false
                return cell(
                    row.cells[index], table.columns[index], isBest: isBest,
                    reference: isReference ? nil : reference?.cells[index])
            }
            let kind: HTML? =
                row.isBaseline ? "<small>not trained</small>" : isReference ? "<small>reference</small>" : nil
            return
                "<tr class=\"\(row.isBaseline ? "baseline" : "")\"><th scope=\"row\">\(row.variant)\(kind)</th>\(cells)</tr>\n"
        }
        let chances = table.columns.map { column -> HTML in
            "<td class=\"n\">\(column.chance.map { ResultText(column.metric)($0) } ?? "–")</td>"
        }
        let body: HTML = """
            <thead>\(familyRow)<tr><th scope="col">variant</th>\(heads)</tr></thead>
            <tbody>\(rows)<tr class="chance"><th scope="row">chance</th>\(chances)</tr></tbody>
            """
        let change: HTML? = reference.map { "; then the change relative to \($0.variant)" }
        return """
            \(Pieces.table("Variants by tasks", body, kind: "results"))
            <p class="note">Below each value: its 95% interval, over seeds if a cell has several, otherwise over the test
            items\(change). ★ marks the best trained variant of a column, – a cell that was not run.</p>
            <div class="charts" id="intervals"></div>
            """
    }

    private func cell(
        _ cell: ResultTable.Cell?, _ column: ResultTable.Column, isBest: Bool, reference: ResultTable.Cell?
    ) -> HTML {
        guard let cell else { return "<td class=\"n none\"><span title=\"not run\">–</span></td>" }
        let text = ResultText(column.metric)
        let star: HTML? = isBest ? "<span class=\"best\" title=\"best\">★</span>" : nil
        let seeds = cell.seeds > 1 ? "\(cell.seeds) seeds" : nil
        let details = [cell.interval.map { text($0) }, seeds].compactMap { $0 }.joined(separator: ", ")
        let interval: HTML? = details.isEmpty ? nil : "<small>\(details)</small>"
        var change: HTML?
        if let reference, reference.mean != 0 {
            let percent = (cell.mean / reference.mean - 1) * 100
            change = "<small class=\"change\">\(percent < 0 ? "−" : "+")\(decimal(abs(percent), 1))%</small>"
        }
        return "<td class=\"n\">\(star)\(text(cell.mean))\(interval)\(change)</td>"
    }

    /// Runs of equal neighbours, with their lengths.
    private static func runs(of names: [String]) -> [(String, Int)] {
        names.reduce(into: []) { runs, name in
            if runs.last?.0 == name { runs[runs.count - 1].1 += 1 } else { runs.append((name, 1)) }
        }
    }

    // MARK: held-out retrieval

    private var retrieval: HTML {
        let tables = content.runs.enumerated().flatMap { index, run -> [HTML] in
            guard let evaluation = run.evaluations.last else { return [] }
            let results = RetrievalResults(evaluation.results)
            return results.families.map { family in
                self.table(run, index, family, clips: results.clips, step: evaluation.step)
            }
        }
        guard !tables.isEmpty else {
            return Pieces.missing("Nothing was measured on held-out clips (option evaluation of kit.train).")
        }
        return "\(tables)"
    }

    private func table(
        _ run: ReportRun, _ index: Int, _ family: RetrievalResults.Family, clips: Int?, step: Int
    ) -> HTML {
        let among =
            switch family.candidates {
            case .all: clips.map { "among all \($0) clips" } ?? "among all clips"
            case .sameFilm: "among clips of the same film"
            case .crossFilm: "among clips of other films"
            }
        let texts = RetrievalResults.measures.map(ResultText.init)
        let heads = texts.map { text -> HTML in "<th scope=\"col\" class=\"n\">\(text.title)</th>" }
        let rows = family.rows.map { row -> HTML in
            let cells = zip(RetrievalResults.measures, texts).map { measure, text -> HTML in
                guard let figure = row.results[measure] else { return "<td class=\"n none\">–</td>" }
                let interval: HTML? = figure.interval.map { "<small>\(text($0))</small>" }
                return "<td class=\"n\">\(text(figure.value))\(interval)</td>"
            }
            return "<tr><th scope=\"row\">\(row.direction)</th>\(cells)</tr>\n"
        }
        let chances = zip(RetrievalResults.measures, texts).map { measure, text -> HTML in
            "<td class=\"n\">\(family.chance[measure].map { text($0) } ?? "–")</td>"
        }
        let swatch = Pieces.swatch(index, of: content.runs.count)
        let caption = "\(run.label), step \(step), \(among)"
        return Pieces.table(
            caption, title: "\(swatch)\(caption)",
            """
            <thead><tr><th scope="col">from, to</th>\(heads)</tr></thead>
            <tbody>\(rows)<tr class="chance"><th scope="row">chance</th>\(chances)</tr></tbody>
            """, kind: "results")
    }
}
