import Foundation
import KitCore
import KitData
import KitEvaluation

/// The README of an exported folder: what the weights are, what they were trained on and how to load them, from what the
/// run recorded. Only the licence is left to be filled in.
struct ModelCard {
    private let facts: ExportFacts
    /// The run that the weights come from; nil if there is none.
    private let run: ReportRun?
    private let results: [ResultLine]

    init(_ facts: ExportFacts, run folder: String) {
        let files = DiskFileSystem()
        self.facts = facts
        run = try? ReportRun(folder, files)
        results = (try? ResultLine.read("\(folder)/\(ResultLine.fileName)", files)) ?? []
    }

    var text: String {
        let parts = [head, title, encoders, loading, preparation, training, figures, settings]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var head: String {
        let inputs = Set(facts.encoders.map { $0.input == "video" ? "video" : "audio" }).sorted()
        let tags = (["dubkit", "self-supervised", "representation-learning"] + inputs).map { "- \($0)" }
        let languages = self.languages.isEmpty ? [] : ["language:"] + self.languages.map { "- \($0)" }
        return
            (["---", "library_name: dubkit", "pipeline_tag: feature-extraction", "license: # fill in"] + languages
            + ["tags:"] + tags + ["---"]).joined(separator: "\n")
    }

    private var title: String {
        let name = facts.weights.prefix { $0 != " " }
        let warning = facts.notice.map { "\n\n> **Unfinished:** \($0)." } ?? ""
        return "# \(name)\(warning)\n\nEncoders trained with dubkit. Weights: `\(facts.weights)`."
    }

    private var encoders: String {
        let rows = facts.encoders.map { entry in
            [entry.name, facts.model.modules[entry.name]?.plugin ?? "", entry.input, "\(entry.features)"]
        }
        return Self.table(["encoder", "architecture", "input", "features"], rows)
    }

    private var loading: String {
        let prefixes = facts.encoders.count > 1 ? ", each behind its encoder's name" : ""
        return """
            ## Load

            ```python
            import dubkit
            model = dubkit.load("FOLDER")
            features = model.embed_file("film.mkv")
            ```

            With the kit: `dubkit embed films --run FOLDER --out features`, or `kit.trained { path = "FOLDER" }` in Lua. The
            tensors in `model.safetensors` have the names and layouts of PyTorch\(prefixes).
            """
    }

    private var preparation: String {
        guard let clips = facts.model.clips else { return "" }
        var lines = [
            "## Input", "", "- clips of \(clips.seconds) s, one after the other; a source's features are their mean",
        ]
        if let mel = clips.mel?.settings, facts.encoders.contains(where: { $0.input == "sound" }) {
            lines.append(
                "- sound at \(mel.sampleRate) Hz\(mel.isMono ? ", the mean of two channels" : " in stereo"), "
                    + "\(mel.mels) mel bands from \(mel.lowest) to \(mel.highest) Hz, \(mel.fftSize) samples every "
                    + "\(mel.hop)")
        }
        if let frames = clips.frames, facts.encoders.contains(where: { $0.input == "video" }) {
            lines.append(
                "- \(counted(frames, "frame")) of \(clips.size) x \(clips.size), values from 0 to 1 less \(clips.mean), divided by "
                    + "\(clips.deviation)")
        }
        return lines.joined(separator: "\n")
    }

    private var languages: [String] {
        ["primary", "secondary"].compactMap { run?.setting($0) }
            .flatMap { $0.split { !$0.isLetter && $0 != "-" }.map(String.init) }
            .filter { (2...3).contains($0.count) }
    }

    private var training: String {
        guard let run else { return "" }
        var lines = ["## Training", ""]
        if let data = run.setting("data") { lines.append("- data: `\(data)`") }
        if !languages.isEmpty { lines.append("- languages: \(languages.joined(separator: ", "))") }
        lines.append("- state of the run: \(run.state), \(counted(facts.step ?? 0, of: facts.steps ?? 0, "step"))")
        if let command = run.command { lines.append("- command: `\(command)`") }
        return lines.joined(separator: "\n")
    }

    private var figures: String {
        var rows: [[String]] = []
        if let last = run?.evaluations.last {
            for family in RetrievalResults(last.results).families {
                for row in family.rows {
                    for measure in RetrievalResults.measures {
                        guard let result = row.results[measure] else { continue }
                        rows.append(
                            [
                                "\(row.direction), \(family.candidates.rawValue)", measure, Self.number(result.value),
                                Self.interval(result.interval?.lowerBound, result.interval?.upperBound),
                                family.chance[measure].map(Self.number) ?? "",
                            ])
                    }
                }
            }
        }
        for line in results {
            rows.append(
                [
                    "\(line.variant), \(line.task)", line.metric, Self.number(line.value),
                    Self.interval(line.low, line.high), line.chance.map(Self.number) ?? "",
                ])
        }
        guard !rows.isEmpty else { return "" }
        return "## Figures\n\n" + Self.table(["measurement", "metric", "value", "95 % interval", "chance"], rows)
    }

    private var settings: String {
        guard let recipe = run?.configuration?.recipe, !recipe.isEmpty else { return "" }
        let rows = recipe.sorted { $0.key < $1.key }.map { key, entry in
            [key, "`\(entry.value)`", entry.origin, entry.provenance ?? ""]
        }
        return "## Settings\n\n" + Self.table(["key", "value", "set by", "source of the default"], rows)
    }

    private static func number(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }

    private static func interval(_ low: Double?, _ high: Double?) -> String {
        guard let low, let high else { return "" }
        return "\(number(low)) to \(number(high))"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { cells in
            "| \(cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }.joined(separator: " | ")) |"
        }.joined(separator: "\n")
    }
}

extension EncoderExport {
    /// Writes weights with their configuration as Hugging Face's tools expect them, a model card, and the graphs in `onnx`.
    ///
    /// - Parameters:
    ///   - folder: a folder that does not exist, is empty or contains an earlier export.
    ///   - run: the run folder, for the card.
    public func writeHuggingFace(to folder: String, run: String) throws -> Written {
        try writeHuggingFace(to: folder) { ModelCard($0, run: run).text }
    }
}
