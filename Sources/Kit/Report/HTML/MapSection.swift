import KitCore

/// Maps of features, which a script draws, side by side for several runs.
struct MapSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let reasons = zip(content.runs, content.maps).filter { $1.content == nil }.map { run, part in
            Pieces.missing("\(run.label): no map. \(part.reason)")
        }
        let maps = content.data.maps
        guard !maps.isEmpty else { return "\(reasons)" }
        let encoders = maps.map(\.encoder).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let choices = encoders.map { name -> HTML in "<option value=\"\(name)\">\(name)</option>" }
        let figures = maps.enumerated().map { index, map -> HTML in
            let run = content.runs[map.run]
            let swatch = Pieces.swatch(map.run, of: content.runs.count)
            return """
                <figure class="chart map" data-map="\(index)" data-encoder="\(map.encoder)">
                <figcaption>\(swatch)<b>\(run.label)</b> <span class="unit">\(map.encoder)</span></figcaption>
                <div class="plot"></div>
                <p class="note"></p>
                </figure>

                """
        }
        return """
            \(reasons)
            <form class="controls" id="map-controls">
            <label>Encoder <select id="map-encoder">\(choices)</select></label>
            <label>Layout <select id="map-method"><option value="pca">PCA</option><option value="tsne">t-SNE</option></select></label>
            <label>Colour <select id="map-label"></select></label>
            </form>
            <div class="legend" id="map-legend"></div>
            <div class="charts maps">\(figures)</div>
            <p class="note">Point at a mark to see its clip, or use Tab and the arrow keys.</p>
            """
    }
}
