import KitCore

/// A report as a page: sections in order, the page's scripts and their data.
struct Page {
    private let content: ReportContent
    private let data: HTML

    /// The files next to the page, as they are in the sources.
    static let assets: [(name: String, bytes: [UInt8])] = [
        ("report.css", PackageResources.report_css), ("draw.js", PackageResources.draw_js),
        ("curves.js", PackageResources.curves_js), ("intervals.js", PackageResources.intervals_js),
        ("map.js", PackageResources.map_js), ("sound.js", PackageResources.sound_js),
    ]

    init(_ content: ReportContent) throws {
        self.content = content
        data = try content.data.script()
    }

    /// A part of the page with its own heading.
    private struct Section {
        let id: String
        let title: String
        let body: HTML
    }

    var html: HTML {
        let runs = content.runs
        let title =
            runs.count == 1
            ? runs[0].name : "\(counted(runs.count, "run")): \(runs.map(\.label).joined(separator: ", "))"
        let sections = [
            Section(id: "summary", title: "Summary", body: SummarySection(content).html),
            Section(id: "curves", title: "Training", body: CurvesSection(content).html),
            Section(id: "results", title: "Results", body: ResultsSection(content).html),
            Section(id: "map", title: "Map of features", body: MapSection(content).html),
            Section(id: "retrieval", title: "Retrieval", body: RetrievalSection(content).html),
            Section(id: "clips", title: "Clips", body: ClipsSection(content).html),
            Section(id: "configuration", title: "Configuration", body: ConfigurationSection(content).html),
        ]
        let links = sections.map { section -> HTML in "<li><a href=\"#\(section.id)\">\(section.title)</a></li>\n" }
        let scripts = Self.assets.map(\.name).filter { $0.hasSuffix(".js") }.map { name -> HTML in
            "<script src=\"\(name)\"></script>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            \(HTML(stringLiteral: ReportFolder.mark))
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <title>\(title) – dubkit report</title>
            <link rel="stylesheet" href="report.css">
            </head>
            <body>
            <a class="skip" href="#main">Skip to the content</a>
            <header class="top">
            <p class="kind">dubkit report</p>
            <h1>\(title)</h1>
            </header>
            <nav class="sections" aria-label="Sections"><ul>
            \(links)</ul></nav>
            <main id="main" tabindex="-1">
            <noscript><p class="missing">The charts and the maps need JavaScript; tables, images and sounds do not.</p></noscript>
            \(sections.map(Self.section))</main>
            <script type="application/json" id="data">\(data)</script>
            \(scripts)</body>
            </html>

            """
    }

    /// Everything comes from this folder, and nothing is sent anywhere.
    private static let policy =
        "default-src 'self' file:; style-src 'self' file: 'unsafe-inline'; connect-src 'none'; object-src 'none'; "
        + "base-uri 'none'; form-action 'none'"

    private static func section(_ section: Section) -> HTML {
        """
        <section id="\(section.id)" aria-labelledby="\(section.id)-title">
        <h2 id="\(section.id)-title">\(section.title)</h2>
        \(section.body)
        </section>

        """
    }
}

/// Pieces that several sections use.
enum Pieces {
    /// A note about why a part is missing.
    static func missing(_ reason: String) -> HTML { "<p class=\"missing\">\(reason)</p>" }

    /// A table that can be scrolled sideways if it does not fit, also by keyboard.
    /// - Parameter title: the caption above the table; nil if a heading already names it.
    static func table(_ label: String, title: HTML? = nil, _ body: HTML, kind: String = "") -> HTML {
        let caption: HTML? = title.map { "<figcaption>\($0)</figcaption>" }
        return """
            <figure class="table">\(caption)
            <div class="scroll" role="region" aria-label="\(label)" tabindex="0"><table class="\(kind)">
            \(body)
            </table></div></figure>
            """
    }

    /// The colour of a run, if there are several.
    static func swatch(_ run: Int, of count: Int) -> HTML {
        count > 1 ? "<span class=\"swatch c\(run % 8)\" aria-hidden=\"true\"></span>" : ""
    }
}
