import KitCore

/// Examples of retrieval, hits and misses, with images and sounds.
struct RetrievalSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let runs = zip(content.runs, content.galleries).enumerated().map { index, pair -> HTML in
            let (run, gallery) = pair
            let head: HTML? =
                content.runs.count > 1
                ? "<h3>\(Pieces.swatch(index, of: content.runs.count))\(run.label)</h3>" : nil
            guard let directions = gallery.directions.content else {
                return "\(head)\(Pieces.missing("\(gallery.directions.reason)."))"
            }
            let parts = directions.enumerated().map { self.direction($1, isOpen: index == 0 && $0 == 0) }
            return "\(head)\(parts)"
        }
        return """
            <p class="note">Each row looks for the same clip in another view, by cosine similarity. Hits are spread evenly over
            all hits; the misses shown are the worst.</p>
            \(runs)
            """
    }

    private func direction(_ direction: ReportContent.RunGallery.Direction, isOpen: Bool) -> HTML {
        let gallery = direction.gallery
        let count = gallery.ids.count
        let share = decimal(Double(gallery.hitCount) / Double(max(1, count)) * 100, 1)
        let open: HTML = isOpen ? " open" : ""
        return """
            <details class="gallery"\(open)>
            <summary><b>\(gallery.from) → \(gallery.to)</b> <span class="unit">\(gallery.hitCount) of \(count) found first (\(share)%,
            chance \(decimal(100 / Double(max(1, count)), 1))%); \(direction.origin)</span></summary>
            \(queries("Hits", gallery.hits, direction))
            \(queries("Misses", gallery.misses, direction))
            </details>

            """
    }

    private func queries(
        _ title: String, _ queries: [RetrievalGallery.Query], _ direction: ReportContent.RunGallery.Direction
    ) -> HTML {
        guard !queries.isEmpty else { return "<h4>\(title)</h4><p class=\"note\">None.</p>" }
        let rows = queries.map { query -> HTML in
            let found = query.found.map { one -> HTML in
                let isRight = one.clip == query.clip
                return card(
                    direction.found[one.clip], kind: isRight ? "right" : "wrong",
                    note: "\(isRight ? "✓ " : "")rank \(one.rank), cosine \(decimal(one.similarity, 2))",
                    isFar: one.rank > query.found.count)
            }
            return """
                <li><div class="query">\(card(direction.queries[query.clip], kind: "asked", note: "query", isFar: false))</div>
                <ol class="found" aria-label="found">\(found)</ol></li>

                """
        }
        return "<h4>\(title)</h4><ul class=\"queries\">\(rows)</ul>"
    }

    private func card(_ card: ReportContent.Card?, kind: String, note: String, isFar: Bool) -> HTML {
        guard let card else { return "" }
        let image: HTML =
            card.thumbnail.map { "<img src=\"\($0)\" alt=\"\" loading=\"lazy\">" }
            ?? "<span class=\"blank\" aria-hidden=\"true\"></span>"
        let language = card.language.map { " in \($0)" } ?? ""
        let play: HTML? = card.sound.map {
            "<button type=\"button\" class=\"play\" data-sound=\"\($0)\" aria-label=\"Play \(card.name)\(language)\"></button>"
        }
        let tag: HTML = kind == "asked" ? "div" : "li"
        let code: HTML? = card.language.map { "<span class=\"code\">\($0)</span>" }
        return """
            <\(tag) class="card-small \(kind)\(isFar ? " far" : "")"><span class="picture">\(image)\(play)\(code)</span>
            <span class="name">\(card.name)</span><span class="unit">\(note)</span></\(tag)>

            """
    }
}
