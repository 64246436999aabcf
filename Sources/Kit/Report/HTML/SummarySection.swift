import Foundation
import KitCore
import KitTraining

/// A card for each run with its status, its last results and its settings.
struct SummarySection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let cards = content.runs.indices.map(card)
        return "<div class=\"cards\">\(cards)</div>"
    }

    private func card(_ index: Int) -> HTML {
        let run = content.runs[index]
        let facts = facts(run).map { name, value -> HTML in "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n" }
        let notes = run.notes.map { note -> HTML in "<li>\(note)</li>" }
        let list: HTML? = notes.isEmpty ? nil : "<ul class=\"notes\">\(notes)</ul>"
        let swatch = Pieces.swatch(index, of: content.runs.count)
        return """
            <article class="card" aria-label="\(run.label)">
            <h3>\(swatch)\(run.label) <span class="state \(run.status?.state.rawValue ?? "unknown")">\(run.state)</span></h3>
            <dl class="facts">
            \(facts)</dl>
            \(list)
            </article>

            """
    }

    private func facts(_ run: ReportRun) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let status = run.status { facts.append(("Steps", "\(grouped(status.step)) of \(grouped(status.steps))")) }
        if let curves = run.curves.content, let last = curves.last {
            facts.append(("Loss of the last step", lossText(last.loss)))
            if last.terms.count > 1 {
                facts += last.terms.map { ("– \($0.name)", lossText($0.value)) }
            }
        }
        facts += retrieval(run)
        facts += [("Data", "data"), ("Scale", "scale"), ("Batch", "batch"), ("Seed", "seed")].compactMap { title, key in
            run.setting(key).map { (title, $0) }
        }
        if let processor = run.environment.first(where: { $0.name == "processor" }) {
            facts.append(("Processor", processor.value))
        }
        let processes = run.environment.filter { $0.name.hasPrefix("processes/") }
        if !processes.isEmpty {
            let texts = processes.map { "\($0.value) on \($0.name.dropFirst("processes/".count))" }
            facts.append(("Processes", texts.joined(separator: ", ")))
        }
        return facts + [("Folder", run.path)]
    }

    private func retrieval(_ run: ReportRun) -> [(String, String)] {
        guard let family = run.evaluations.last.map({ RetrievalResults($0.results) })?.families.first else { return [] }
        let text = ResultText("recall_at_1")
        let chance = family.chance["recall_at_1"].map { " (chance \(text($0))%)" } ?? ""
        return family.rows.compactMap { row in
            row.results["recall_at_1"].map { ("R@1 \(row.direction)", "\(text($0.value))%\(chance)") }
        }
    }

}
