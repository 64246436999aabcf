import Foundation
import KitCore
import KitData
import KitEvaluation
import KitMedia
import KitTraining

/// `dubkit report`: what some runs did and learned, as one folder of HTML that opens without a server or a network.
public struct RunReport {
    /// Folders of runs; of a folder that holds several, the newest is taken.
    public var runs: [String]
    /// The folder to write; nil takes `report` in the folder of the only run.
    public var out: String?
    /// Films to show and to embed; nil takes those of the first run.
    public var data: String?
    /// A file of labels, lines of JSON; nil takes `labels.jsonl` beside the films where it is there.
    public var labels: String?
    /// Files of results beside those of the runs.
    public var results: [String] = []
    /// Tracks to embed; nil takes those that all films have.
    public var languages: [String]?
    /// The variant that the others are compared with.
    public var reference: String?
    /// The most clips on a map: 2 to 2000.
    public var clips = 96
    /// How many clips to show whole, and how many hits and misses of each retrieval: 1 to 100.
    public var examples = 4

    private let files: any FileSystem

    public init(_ runs: [String], files: any FileSystem = DiskFileSystem()) {
        (self.runs, self.files) = (runs, files)
    }

    /// Writes the report and returns the path of its page.
    public func write(log: RunLog? = nil) throws -> String {
        guard !runs.isEmpty else { throw KitError.usage("a report needs a run") }
        try checkOptions()
        var runs = try runs.map { try ReportRun($0, files) }
        if let twice = Dictionary(grouping: runs, by: \.place).first(where: { $1.count > 1 })?.key {
            throw KitError.usage("the run '\(twice)' is given twice")
        }
        ReportRun.label(&runs)
        for run in runs { for note in run.notes { try log?.warning("\(run.label): \(note)") } }
        let out = out ?? (runs.count == 1 ? "\(runs[0].path)/report" : "")
        guard !out.isEmpty else {
            throw KitError.usage("a report of several runs needs a folder of its own: give --out")
        }
        try ReportFolder(out, files).write { folder in
            let content = try content(runs, in: folder, log)
            for (name, bytes) in Page.assets { try files.replace("\(folder)/\(name)", with: Data(bytes)) }
            let page = try Page(content).html
            try files.replace("\(folder)/\(ReportFolder.pageName)", with: Data(page.text.utf8))
        }
        return "\(out)/\(ReportFolder.pageName)"
    }

    /// What was asked for in so many words must be there; what a run says may be gone.
    private func checkOptions() throws {
        for (flag, value, range) in [("clips", clips, 2...2000), ("examples", examples, 1...100)]
        where !range.contains(value) {
            throw KitError.usage("--\(flag) must be \(range.lowerBound) to \(range.upperBound), but is \(value)")
        }
        for path in results where !files.exists(path) {
            throw KitError(.noInput, "\(path): there is no such file of results")
        }
        if let labels, !files.exists(labels) {
            throw KitError(.noInput, "\(labels): there is no such file of labels")
        }
        for language in languages ?? [] { _ = try Language(language) }
    }

    private func content(_ runs: [ReportRun], in folder: String, _ log: RunLog?) throws -> ReportContent {
        var content = ReportContent(runs: runs, table: try table(of: runs), reference: reference)
        content.data.runs = runs.map(\.label)
        content.data.panels = CurvePanel.panels(runs)
        content.data.results = content.table.content.map(IntervalPlot.plots) ?? []
        if let reference, let table = content.table.content, !table.rows.contains(where: { $0.variant == reference }) {
            let known = table.rows.map(\.variant)
            throw KitError.usage(
                "--reference \(reference): there is no such variant\(NearestName.hint(reference, in: known)) "
                    + "(there are: \(known.joined(separator: ", ")))")
        }
        let shelf = try ClipShelf(folder, files)
        let settings = runs.lazy.compactMap { try? ModelFacts.read($0.path, files).clips }.first
        let clips = try chosenClips(runs, settings ?? ClipSettings())
        if let chosen = clips.content { try log?.warnOfLeftOut(chosen.leftOut) }
        let gallery = ReportGallery(clips.content, shelf, examples: examples)
        content.clips = try clips.flatMap { chosen in
            try gallery.shown(chosen, count: examples, settings?.mel ?? LogMel())
        }
        for (index, run) in runs.enumerated() {
            try Interrupt.check()
            let kept = "\(run.path)/evaluation/retrieval"
            let saved =
                files.exists(kept)
                ? try Part { try FeatureFolder.read(kept) } : .missing("the run kept no embeddings of held-out clips")
            let embedded = try clips.flatMap { try embedding($0, run, log) }
            if clips.content != nil, embedded.content == nil {
                try log?.warning("\(run.label): no maps and no retrieval examples: \(embedded.reason)")
            }
            let maps = try embedded.flatMap { try self.maps(run: index, $0, clips.content!) }
            content.data.maps += maps.content ?? []
            content.maps.append(maps.content == nil ? .missing(maps.reason) : .shown(()))
            content.galleries.append(try gallery.directions(saved, embedded))
        }
        if let chosen = clips.content, !content.data.maps.isEmpty {
            let labels = try self.labels(runs)
            let heldOut = Set(content.galleries.flatMap(\.heldOut))
            try gallery.describe(chosen, labels, heldOut: heldOut, in: &content.data)
        }
        return content
    }

    private func table(of runs: [ReportRun]) throws -> Part<ResultTable> {
        let own = runs.map { "\($0.path)/\(ResultLine.fileName)" }.filter(files.exists)
        let lines = try (own + results).flatMap { try ResultLine.read($0, files) }
        guard !lines.isEmpty else {
            return .missing(
                "No results are there. scripts/evaluate/probe.lua and kit.add_result write them into a run's folder "
                    + "(results.jsonl); --results takes other files.")
        }
        return .shown(ResultTable(lines))
    }

    private func chosenClips(_ runs: [ReportRun], _ settings: ClipSettings) throws -> Part<ReportClips> {
        if let data { return .shown(try ReportClips(data, settings, limit: clips, languages: languages)) }
        guard let data = runs.lazy.compactMap({ $0.setting("data") }).first else {
            return .missing("The run does not say where its films lie. --data names them.")
        }
        let found = try Part { try ReportClips(data, settings, limit: clips, languages: languages) }
        guard case .missing(let reason) = found else { return found }
        return .missing("The films cannot be shown: \(reason). --data names them where they lie elsewhere.")
    }

    /// Features of the chosen clips, by the run's encoders.
    private func embedding(_ clips: ReportClips, _ run: ReportRun, _ log: RunLog?) throws -> Part<EmbeddedClips> {
        try Part {
            let trained = try TrainedRun(run.path) { try log?.warning($0) }
            var settings = trained.clips
            settings.tracks = try languages.map { try TrackPlan(option: .list($0.map(OptionValue.string))) }
            try log?.info("\(run.label): embedding \(clips.sources.count) clips")
            let sets = try Embedding(
                clips.sources, clips: settings, encoders: trained.encoders, fingerprint: trained.fingerprint
            ).run(log: log)
            return EmbeddedClips(trained.encoders, sets)
        }
    }

    private func maps(run: Int, _ embedded: EmbeddedClips, _ clips: ReportClips) throws -> Part<[EmbeddingMap]> {
        let places = Dictionary(uniqueKeysWithValues: clips.sources.enumerated().map { ($1.id, $0) })
        return try Part {
            try embedded.views.map { encoder, views in
                try EmbeddingMap(run: run, encoder: encoder, views: views, places: places)
            }
        }
    }

    private func labels(_ runs: [ReportRun]) throws -> ClipLabels {
        if let labels { return try ClipLabels(labels) }
        let beside = (data ?? runs.lazy.compactMap { $0.setting("data") }.first).map { "\($0)/labels.jsonl" }
        return try ClipLabels(beside.flatMap { files.exists($0) ? $0 : nil })
    }
}
