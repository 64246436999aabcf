import Foundation
import KitCore
import KitData
import KitModel
import KitTensor
import KitTraining

/// Runs encoders in evaluation mode over films or sounds, in consecutive clips of the length that the encoders were
/// trained with. A remainder of more than half a clip gets a clip that ends with the source, and a shorter one is not
/// used, as in the authors' code. A source shorter than a clip is padded with silence and its last frame. Timestamps
/// get windows around them instead: see `TimestampRows`.
public struct FeatureExtraction {
    /// The meaning of a row: a source, with the mean of its clips, a clip, or a timestamp of a regular grid.
    public enum Row: String, ChoiceOption, Sendable { case source, clip, timestamp }

    public var sources: [ClipSource]
    public var clips: ClipSettings
    public var encoders: [TrainedRun.Encoding]
    /// The identity of the encoders' weights.
    public var fingerprint: String
    public var unit = Row.source
    /// The grid of timestamps.
    public var grid = TimestampGrid()
    /// What to do with films that lack a track.
    public var unusable = FilmCatalogue.Unusable.error
    public var batch = 16
    public var workers = 2

    public init(_ sources: [ClipSource], clips: ClipSettings, encoders: [TrainedRun.Encoding], fingerprint: String) {
        self.sources = sources
        self.clips = clips
        self.encoders = encoders
        self.fingerprint = fingerprint
    }

    /// The features by view, sorted by name.
    ///
    /// - Parameters:
    ///   - folder: a folder for intermediate rows, from which an interrupted extraction continues; nil for none.
    ///   - log: shows progress; nil for none.
    public func run(journal folder: String? = nil, log: RunLog? = nil) throws -> [FeatureSet] {
        try run(maker(), journal: folder, log: log)
    }

    /// Writes the features to a folder. If it already contains the features of exactly this extraction, nothing is
    /// done.
    @discardableResult
    public func write(
        to folder: String, format: FeatureFolder.Format = .npy, log: RunLog? = nil
    ) throws -> [FeatureSet] {
        let place = try FeatureReplacement(folder, DiskFileSystem())
        let maker = try maker()
        let plan = "\(plan(maker))\(unit.rawValue)\n"
        try Folder.make(folder)
        let lock = try FileLock(
            "\(folder)/\(FileLock.fileName)", isRemoved: true,
            held: "features are being written to '\(folder)' by another process")
        defer { withExtendedLifetime(lock) {} }
        if format == .npy, let known = try? FeatureFolder.read(folder, plan: plan) {
            try place.tidy()
            try log?.info("\(folder) is up to date: \(known[0].ids.count) rows")
            return known
        }
        let journal = "\(folder)/\(FeatureReplacement.journalName)"
        let sets = try run(maker, journal: journal, log: log)
        try FeatureFolder.write(sets, to: folder, format: format, plan: plan)
        try DiskFileSystem().remove(journal)
        try log?.info("\(folder): \(sets[0].ids.count) rows of \(sets.map(\.view).joined(separator: ", "))")
        return sets
    }

    private func maker() throws -> any RowMaker {
        unit == .timestamp
            ? try TimestampRows(sources, clips, encoders, grid)
            : try ClipRows(sources, clips, encoders, unusable: unusable, workers: workers)
    }

    /// Everything that the rows depend on.
    private func plan(_ maker: any RowMaker) -> String {
        "\(fingerprint)\n\(maker.fingerprint)\n\(encoders.map(\.name))\nbatches of \(batch)\n"
    }

    private func run(_ maker: any RowMaker, journal folder: String?, log: RunLog?) throws -> [FeatureSet] {
        let path = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let (total, noun) = (maker.count, unit == .timestamp ? "timestamps" : "clips")
        let journal = try FeatureJournal(path, plan: plan(maker), batch: batch, total: total)
        defer { if folder == nil { try? journal.remove() } }
        try log?.warnOfLeftOut(maker.leftOut)
        if let notice = journal.notice { try log?.warning("\(notice): they are computed again") }
        if !journal.rows.isEmpty { try log?.info("continuing after \(journal.rows.count) of \(total) \(noun)") }
        var progress = CountProgress(
            verb: "embedded", noun: noun, step: journal.rows.count, steps: total, first: journal.rows.count)
        let begin = ProcessInfo.processInfo.systemUptime
        defer { log?.endProgress() }
        do {
            try Module.evaluating(encoders.map(\.module)) {
                // All rows may be done already, so that only the features must be written.
                guard progress.step < total else { return }
                try maker.forEachBatch(from: journal.rows.count, of: batch) { rows, views in
                    try journal.append(rows, views)
                    (progress.step, progress.seconds) = (
                        journal.rows.count, ProcessInfo.processInfo.systemUptime - begin
                    )
                    try log?.show(progress)
                    if progress.step < progress.steps { try Interrupt.check() }
                }
            }
        } catch let error as KitError where error.kind == .interrupted && !Interrupt.isInteractive {
            // An unfinished batch is started again later, so do not wait for it.
            let advice = folder == nil ? "" : "; the same command continues from there"
            throw KitError(.tryAgain, "stopped after \(journal.rows.count) of \(total) \(noun)\(advice)")
        }
        return try journal.tensors().sorted { $0.view < $1.view }.map { try set($0.view, $0.tensor, journal.rows) }
    }

    private func set(_ view: String, _ values: Tensor, _ rows: [FeatureJournal.Row]) throws -> FeatureSet {
        guard unit == .source else {
            return try FeatureSet(
                view: view, ids: rows.map(\.id), films: rows.map(\.film), values: values, encoder: fingerprint)
        }
        var (ids, films): ([String], [String]) = ([], [])
        var (members, places): ([[Int]], [String: Int]) = ([], [:])
        for (index, row) in rows.enumerated() {
            if let place = places[row.source] {
                members[place].append(index)
            } else {
                places[row.source] = ids.count
                ids.append(row.source)
                films.append(row.film)
                members.append([index])
            }
        }
        let width = values.shape[1]
        let means = Tensor(uninitialized: [ids.count, width])
        for (row, clips) in members.enumerated() {
            for column in 0..<width {
                let sum = clips.reduce(0.0) { $0 + Double(values.pointer[$1 * width + column]) }
                means.pointer[row * width + column] = Float(sum / Double(clips.count))
            }
        }
        return try FeatureSet(view: view, ids: ids, films: films, values: means, encoder: fingerprint)
    }
}

/// Computes the rows of an extraction, batch by batch.
protocol RowMaker {
    /// Equal only for the same rows of the same sounds and films.
    var fingerprint: String { get }
    /// The number of rows.
    var count: Int { get }
    /// The sources without rows, and why.
    var leftOut: [String] { get }
    /// Passes on all batches from a row on, with a tensor [rows, features] for each view.
    func forEachBatch(
        from first: Int, of size: Int,
        _ body: (_ rows: [FeatureJournal.Row], _ views: [(name: String, tensor: Tensor)]) throws -> Void
    ) throws
}
