import KitCore
import KitTraining

/// Every setting of every run, with its origin and the provenance of a default; the recipe, the command and the
/// machine.
struct ConfigurationSection {
    private let content: ReportContent

    init(_ content: ReportContent) { self.content = content }

    var html: HTML {
        let runs = content.runs
        let known = runs.map { $0.configuration }
        let plugins = Set(known.flatMap { Array(($0?.plugins ?? [:]).keys) }).sorted()
        let tables =
            [table("Keys of the recipe", known.map { $0?.recipe ?? [:] })]
            + plugins.map { name in table(name, known.map { $0?.plugins[name] ?? [:] }) }
        let only: HTML? =
            runs.count > 1
            ? "<form class=\"controls\"><label><input type=\"checkbox\" id=\"only-differences\"> only differences</label></form>"
            : nil
        return """
            \(only)
            \(tables)
            \(environment)
            \(runs.indices.map(files))
            """
    }

    private func table(_ title: String, _ entries: [[String: ConfigurationFacts.Entry]]) -> HTML {
        let rows = Set(entries.flatMap(\.keys)).sortedByBytes().map { key -> HTML in
            let own = entries.map { $0[key] }
            let differs = Set(own.map { $0?.value }).count > 1
            let cells = own.map { entry -> HTML in
                guard let entry else { return "<td class=\"none\">–</td>" }
                let origin = entry.provenance.map { "\(entry.origin), \($0)" } ?? entry.origin
                return "<td><code>\(entry.value)</code><small class=\"origin\">\(origin)</small></td>"
            }
            return "<tr class=\"\(differs ? "differs" : "same")\"><th scope=\"row\">\(key)</th>\(cells)</tr>\n"
        }
        guard !rows.isEmpty else { return "" }
        return self.table(title, rows)
    }

    private func table(_ title: String, _ rows: [HTML]) -> HTML {
        let count = content.runs.count
        let heads = content.runs.enumerated().map { index, run -> HTML in
            "<th scope=\"col\">\(Pieces.swatch(index, of: count))\(run.label)</th>"
        }
        let head: HTML? = count > 1 ? "<thead><tr><th scope=\"col\">key</th>\(heads)</tr></thead>" : nil
        return Pieces.table(title, title: "\(title)", "\(head)<tbody>\(rows)</tbody>", kind: "configuration")
    }

    private var environment: HTML {
        let all = content.runs.map { Dictionary($0.environment, uniquingKeysWith: { first, _ in first }) }
        let names = Set(all.flatMap(\.keys)).sortedByBytes()
        guard !names.isEmpty else { return "" }
        let rows = names.map { name -> HTML in
            let differs = Set(all.map { $0[name] }).count > 1
            let cells = all.map { facts -> HTML in "<td>\(facts[name] ?? "–")</td>" }
            return "<tr class=\"\(differs ? "differs" : "same")\"><th scope=\"row\">\(name)</th>\(cells)</tr>\n"
        }
        return "<details><summary>Machine and libraries</summary>\(table("Machine and libraries", rows))</details>"
    }

    private func files(_ index: Int) -> HTML {
        let run = content.runs[index]
        let command: HTML? = run.command.map { "<h4>Command</h4><pre tabindex=\"0\">\($0)</pre>" }
        let recipe: HTML? = run.recipe.map { "<h4>Recipe</h4><pre tabindex=\"0\">\($0)</pre>" }
        guard command != nil || recipe != nil else { return "" }
        return "<details><summary>Command and recipe of \(run.label)</summary>\(command)\(recipe)</details>\n"
    }
}
