import Foundation
import KitCore
import KitData
import KitEvaluation
import KitMedia
import KitTraining

/// `dubkit report`: the training and results of runs, as a folder of HTML that opens without a server or a network.
public struct RunReport {
    /// Run folders. For a folder that contains several runs, the newest is used.
    public var runs: [String]
    /// The folder to write; nil for `report` in the folder of the only run.
    public var out: String?
    /// The films to show and embed; nil for those of the first run.
    public var data: String?
    /// A file of labels, lines of JSON; nil for `labels.jsonl` next to the films, if it exists.
    public var labels: String?
    /// Files of results in addition to those of the runs.
    public var results: [String] = []
    /// The languages to embed; nil for those that all films have.
    public var languages: [String]?
    /// The variant that the others are compared with.
    public var reference: String?
    /// The maximum number of clips on a map: 2 to 2000.
    public var clips = 96
    /// The number of clips to show whole, and of hits and misses for each retrieval: 1 to 100.
    public var examples = 4

    private let files: any FileSystem

    public init(_ runs: [String], files: any FileSystem = DiskFileSystem()) {
        (self.runs, self.files) = (runs, files)
    }

    /// Writes the report. Returns the path of its page.
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
            throw KitError.usage("a report of several runs needs its own folder: give --out")
        }
        try ReportFolder(out, files).write { folder in
            let content = try content(runs, in: folder, log)
            for (name, bytes) in Page.assets { try files.replace("\(folder)/\(name)", with: Data(bytes)) }
            let page = try Page(content).html
            try files.replace("\(folder)/\(ReportFolder.pageName)", with: Data(page.text.utf8))
        }
        return "\(out)/\(ReportFolder.pageName)"
    }

    /// Files that the user names must exist; files that a run names may be gone.
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
        let media = try ClipMediaWriter(folder, files)
        let settings = runs.lazy.compactMap { try? ModelFacts.read($0.path, files).clips }.first
        let clips = try chosenClips(runs, settings ?? ClipSettings())
        if let chosen = clips.content { try log?.warnOfLeftOut(chosen.leftOut) }
        let gallery = ReportGallery(clips.content, media, examples: examples)
        content.clips = try clips.flatMap { chosen in
            try gallery.shown(chosen, count: examples, settings?.mel ?? LogMel())
        }
        for (index, run) in runs.enumerated() {
            try Interrupt.check()
            let kept = "\(run.path)/evaluation/retrieval"
            let saved =
                files.exists(kept)
                ? try ReportPart { try FeatureFolder.read(kept) }
                : .missing("the run kept no embeddings of held-out clips")
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

    private func table(of runs: [ReportRun]) throws -> ReportPart<ResultTable> {
        let own = runs.map { "\($0.path)/\(ResultLine.fileName)" }.filter(files.exists)
        let lines = try (own + results).flatMap { try ResultLine.read($0, files) }
        guard !lines.isEmpty else {
            return .missing(
                "There are no results. scripts/evaluate/probe.lua and kit.add_result write them to a run folder "
                    + "(results.jsonl); --results adds other files.")
        }
        return .shown(ResultTable(lines))
    }

    private func chosenClips(_ runs: [ReportRun], _ settings: ClipSettings) throws -> ReportPart<ReportClips> {
        if let data { return .shown(try ReportClips(data, settings, limit: clips, languages: languages)) }
        guard let data = runs.lazy.compactMap({ $0.setting("data") }).first else {
            return .missing("The run does not say where its films are: give --data.")
        }
        let found = try ReportPart { try ReportClips(data, settings, limit: clips, languages: languages) }
        guard case .missing(let reason) = found else { return found }
        return .missing("The films cannot be shown: \(reason). If they are somewhere else, give --data.")
    }

    /// The features of the selected clips from the run's encoders.
    private func embedding(_ clips: ReportClips, _ run: ReportRun, _ log: RunLog?) throws -> ReportPart<ClipFeatures> {
        try ReportPart {
            let trained = try TrainedRun(run.path) { try log?.warning($0) }
            var settings = trained.clips
            settings.tracks = try languages.map { try TrackPlan(option: .list($0.map(OptionValue.string))) }
            try log?.info("\(run.label): embedding \(counted(clips.sources.count, "clip"))")
            let sets = try FeatureExtraction(
                clips.sources, clips: settings, encoders: trained.encoders, fingerprint: trained.fingerprint
            ).run(log: log)
            return ClipFeatures(trained.encoders, sets)
        }
    }

    private func maps(run: Int, _ embedded: ClipFeatures, _ clips: ReportClips) throws -> ReportPart<
        [FeatureProjection]
    > {
        let places = Dictionary(uniqueKeysWithValues: clips.sources.enumerated().map { ($1.id, $0) })
        return try ReportPart {
            try embedded.views.map { encoder, views in
                try FeatureProjection(run: run, encoder: encoder, views: views, places: places)
            }
        }
    }

    private func labels(_ runs: [ReportRun]) throws -> ClipLabels {
        if let labels { return try ClipLabels(labels) }
        let manifest = (data ?? runs.lazy.compactMap { $0.setting("data") }.first).map { "\($0)/labels.jsonl" }
        return try ClipLabels(manifest.flatMap { files.exists($0) ? $0 : nil })
    }
}
