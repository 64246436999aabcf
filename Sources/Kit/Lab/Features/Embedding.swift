import Foundation
import KitCore
import KitData
import KitModel
import KitTensor

/// Runs encoders in evaluation mode over films or sounds: clips of the length that the encoders were trained with, one
/// behind the other. Of what is left at the end, more than half a clip gets a clip that ends with the source, and less is
/// not used, as in the authors' code; a source shorter than a clip is filled up with silence and its last picture.
public struct Embedding {
    /// What a row is: a source, with the mean of its clips, or a clip.
    public enum Unit: String, ChoiceOption, Sendable { case source, clip }

    public var sources: [ClipSource]
    public var clips: ClipSettings
    public var encoders: [TrainedRun.Encoding]
    /// Which weights the encoders have.
    public var fingerprint: String
    public var unit = Unit.source
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
    ///   - folder: for rows on their way; an interrupted embedding goes on from it. Nil keeps none.
    ///   - log: is told how far it is; nil for silence.
    public func run(journal folder: String? = nil, log: RunLog? = nil) throws -> [FeatureSet] {
        try run(dataset(), journal: folder, log: log)
    }

    /// Writes the features into a folder; one that already holds the features of this very embedding is left as it is.
    @discardableResult
    public func write(
        to folder: String, format: FeatureFolder.Format = .npy, log: RunLog? = nil
    ) throws -> [FeatureSet] {
        let films = try dataset()
        let plan = "\(plan(films))\(unit.rawValue)\n"
        if format == .npy, let known = try? FeatureFolder.read(folder, plan: plan) {
            try log?.info("\(folder) is up to date: \(known[0].ids.count) rows")
            return known
        }
        let journal = "\(folder)/partial"
        let sets = try run(films, journal: journal, log: log)
        try FeatureFolder.write(sets, to: folder, format: format, plan: plan)
        try DiskFileSystem().remove(journal)
        try log?.info("\(folder): \(sets[0].ids.count) rows of \(sets.map(\.view).joined(separator: ", "))")
        return sets
    }

    /// What the rows depend on.
    private func plan(_ films: MovieDataset) -> String {
        "\(fingerprint)\n\(films.fingerprint)\n\(encoders.map(\.name))\nbatches of \(batch)\n"
    }

    private func run(_ films: MovieDataset, journal folder: String?, log: RunLog?) throws -> [FeatureSet] {
        let path = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let journal = try FeatureJournal(path, plan: plan(films), batch: batch, total: films.clips.count)
        defer { if folder == nil { try? journal.remove() } }
        if !journal.rows.isEmpty { try log?.info("going on after \(journal.rows.count) of \(films.clips.count) clips") }
        let order = ClipOrder(first: journal.rows.count, batch: batch)
        let batches = try films.batches(order)
        batches.epochLimit = 1
        defer { batches.close() }
        var progress = CountProgress(
            verb: "embedded", noun: "clips", step: journal.rows.count, steps: films.clips.count,
            first: journal.rows.count)
        let begin = ProcessInfo.processInfo.systemUptime
        try Interrupt.gracefully {
            try Module.evaluating(encoders.map(\.module)) {
                while let clips = try batches.next() {
                    try journal.append(rows(clips, films), try views(clips))
                    (progress.step, progress.seconds) = (
                        journal.rows.count, ProcessInfo.processInfo.systemUptime - begin
                    )
                    try log?.show(progress)
                    if Interrupt.isRequested, progress.step < progress.steps {
                        log?.endProgress()
                        let advice = folder == nil ? "" : "; the same command goes on from there"
                        throw KitError(
                            .tryAgain, "stopped after \(progress.step) of \(progress.steps) clips\(advice)")
                    }
                }
            }
        }
        log?.endProgress()
        return try journal.tensors().sorted { $0.view < $1.view }.map { try set($0.view, $0.tensor, journal.rows) }
    }

    private func dataset() throws -> MovieDataset {
        var settings = clips
        (settings.pad, settings.tail, settings.jitter, settings.augmentations) = (true, true, false, [])
        if !encoders.contains(where: \.isVideo) { settings.frames = nil }
        if encoders.allSatisfy(\.isVideo) { settings.mel = nil }
        guard !encoders.contains(where: \.isVideo) || settings.frames != nil else {
            throw KitError.usage("the run was trained without pictures, so they cannot be embedded")
        }
        let catalogue = try FilmCatalogue(sources, settings, heldOut: 0)
        // A row that is missing, or another clip in its place, would spoil every measurement: nothing unreadable is borne.
        return try MovieDataset(
            catalogue, split: .all, isTraining: false,
            loading: LoaderOptions(workers: workers, prefetch: 2, badBudget: 0))
    }

    private func rows(_ clips: ClipBatch, _ films: MovieDataset) -> [FeatureJournal.Row] {
        clips.places.map {
            FeatureJournal.Row(id: $0.clip.id, source: films.sources[$0.clip.source].id, film: $0.film)
        }
    }

    /// Each encoder's features of a batch, and of each of its tracks.
    private func views(_ clips: ClipBatch) throws -> [(name: String, tensor: Tensor)] {
        try encoders.flatMap { encoder -> [(name: String, tensor: Tensor)] in
            if encoder.isVideo, let video = clips.video {
                return [(encoder.name, try pictures(video, clips.count, encoder.module))]
            }
            return try clips.audio.tracks.map { track in
                let isOnly = clips.audio.tracks.count == 1
                return (isOnly ? encoder.name : "\(encoder.name).\(track.name)", try encoder.module(track.tensor))
            }
        }
    }

    /// The mean over the crops of each clip.
    private func pictures(_ video: Tensor, _ count: Int, _ encoder: Module) throws -> Tensor {
        let crops = clips.crops.count
        guard crops > 1 else { return try encoder(video) }
        let shape = video.shape.extents
        let features = try encoder(video.reshaped(Shape([count * crops, shape[1] / crops] + shape[2...])))
        return try features.reshaped([count, crops, features.shape[1]]).mean([1])
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

/// All clips in the order of the films, from one of them on.
private final class ClipOrder: Sampler {
    static let name = "clip_order"
    static let summary = "All clips in the order of the films, from one of them on."
    static let source = "This kit."
    var first = 0
    var batch = 16
    let seed = 0

    init() {}
    init(first: Int, batch: Int) { (self.first, self.batch) = (first, batch) }

    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let clips = Array(films.joined().dropFirst(first))
        return stride(from: 0, to: clips.count, by: batch).map { Array(clips[$0..<min($0 + batch, clips.count)]) }
    }
}
