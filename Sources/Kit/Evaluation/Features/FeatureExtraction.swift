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
    /// The arithmetic of the encoders.
    public var precision = ProductPrecision.float32

    public init(_ sources: [ClipSource], clips: ClipSettings, encoders: [TrainedRun.Encoding], fingerprint: String) {
        self.sources = sources
        self.clips = clips
        self.encoders = encoders
        self.fingerprint = fingerprint
    }

    /// The features by view, sorted by name. Several processes share the batches, and each gets all features.
    ///
    /// - Parameters:
    ///   - folder: a folder for intermediate rows, from which an interrupted extraction continues; nil for none.
    ///   - log: shows progress; nil for none.
    public func run(journal folder: String? = nil, log: RunLog? = nil) throws -> [FeatureSet] {
        let peers = TrainingPeers(Session.current.processes)
        return try peers.together { try run(maker(), journal: folder, peers, log: peers.leads ? log : nil) }
    }

    /// Writes the features to a folder. If it already contains the features of exactly this extraction, nothing is
    /// done. If several processes extract, rank 0 writes.
    @discardableResult
    public func write(
        to folder: String, format: FeatureFolder.Format = .npy, log: RunLog? = nil
    ) throws -> [FeatureSet] {
        let peers = TrainingPeers(Session.current.processes)
        return try peers.together {
            let maker = try maker()
            let plan = "\(plan(maker))\(unit.rawValue)\n"
            guard peers.leads else {
                // Rank 0 says whether the features are there already. If so, no batches are computed.
                return try peers.told(false) ? shared([], peers) : run(maker, journal: nil, peers, log: nil)
            }
            return try write(maker, plan, to: folder, format, peers, log)
        }
    }

    private func write(
        _ maker: any RowMaker, _ plan: String, to folder: String, _ format: FeatureFolder.Format,
        _ peers: TrainingPeers,
        _ log: RunLog?
    ) throws -> [FeatureSet] {
        let place = try FeatureReplacement(folder, DiskFileSystem())
        try Folder.make(folder)
        let lock = try FileLock(
            "\(folder)/\(FileLock.fileName)", isRemoved: true,
            held: "features are being written to '\(folder)' by another process")
        defer { withExtendedLifetime(lock) {} }
        let known = format == .npy ? try? FeatureFolder.read(folder, plan: plan) : nil
        _ = try peers.told(known != nil)
        if let known {
            try place.tidy()
            try log?.info("\(folder) is up to date: \(counted(known[0].ids.count, "row"))")
            return try shared(known, peers)
        }
        let journal = "\(folder)/\(FeatureReplacement.journalName)"
        let sets = try run(maker, journal: journal, peers, log: log)
        try FeatureFolder.write(sets, to: folder, format: format, plan: plan)
        try DiskFileSystem().remove(journal)
        try log?.info("\(folder): \(counted(sets[0].ids.count, "row")) of \(sets.map(\.view).joined(separator: ", "))")
        return sets
    }

    private func maker() throws -> any RowMaker {
        unit == .timestamp
            ? try TimestampRows(sources, clips, encoders, grid)
            : try ClipRows(sources, clips, encoders, unusable: unusable, workers: workers)
    }

    /// The identity of the encoders, with their arithmetic if it is not the default.
    private var identity: String { precision == .float32 ? fingerprint : "\(fingerprint) in \(precision)" }

    /// Everything that the rows depend on.
    private func plan(_ maker: any RowMaker) -> String {
        "\(identity)\n\(maker.fingerprint)\n\(encoders.map(\.name))\nbatches of \(batch)\n"
    }

    private func run(
        _ maker: any RowMaker, journal folder: String?, _ peers: TrainingPeers, log: RunLog?
    ) throws -> [FeatureSet] {
        let path = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let (total, noun) = (maker.count, unit == .timestamp ? "timestamps" : "clips")
        let journal = try FeatureJournal(path, plan: plan(maker), batch: batch, total: total)
        defer { if folder == nil { try? journal.remove() } }
        try log?.warnOfLeftOut(maker.leftOut)
        if let notice = journal.notice { try log?.warning("\(notice): they are computed again") }
        if !journal.rows.isEmpty { try log?.info("continuing after \(journal.rows.count) of \(total) \(noun)") }
        var progress = CountProgress(
            verb: "embedded", noun: noun, step: journal.rows.count, steps: total, first: journal.rows.count)
        let begin = SteadyClock.now
        defer { log?.endProgress() }
        do {
            func extract() throws {
                try forEachBatch(maker, from: journal.rows.count, peers) { rows, views in
                    guard peers.leads else { return }
                    try journal.append(rows, views)
                    (progress.step, progress.seconds) = (
                        journal.rows.count, SteadyClock.now - begin
                    )
                    try log?.show(progress)
                    if progress.step < progress.steps { try Interrupt.check() }
                }
            }
            try Module.evaluating(encoders.map(\.module)) {
                try log.map { log in try log.used { try precision.used(during: extract) } }
                    ?? precision.used(during: extract)
            }
        } catch let error as KitError where error.kind == .interrupted && !Interrupt.isInteractive {
            // An unfinished batch is started again later, so do not wait for it.
            let advice = folder == nil ? "" : "; the same command continues from there"
            throw KitError(.tryAgain, "stopped after \(journal.rows.count) of \(total) \(noun)\(advice)")
        }
        guard peers.leads else { return try shared([], peers) }
        return try shared(
            journal.tensors().sortedByBytes(of: \.view).map { try set($0.view, $0.tensor, journal.rows) }, peers)
    }

    /// Passes on all batches that are left, in order. Several processes work at the same time, on one batch each.
    private func forEachBatch(
        _ maker: any RowMaker, from first: Int, _ peers: TrainingPeers,
        _ body: ([FeatureJournal.Row], [(name: String, tensor: Tensor)]) throws -> Void
    ) throws {
        let (processes, first) = (peers.processes, try peers.told(first))
        // All rows may be done already, so that only the features must be written.
        guard first < maker.count else { return }
        let share = RowShare(rank: processes.rank, ranks: processes.size)
        guard !processes.isSingle else { return try maker.forEachBatch(from: first, of: batch, by: share, body) }
        func exchange(_ parts: [EmbeddedRows<FeatureJournal.Row>]) throws {
            let all = try EmbeddedRows.gathered(parts, over: processes)
            for start in stride(from: 0, to: all.rows.count, by: batch) {
                let part = start..<min(start + batch, all.rows.count)
                try body(Array(all.rows[part]), all.views.map { ($0.name, try $0.tensor.slice(axis: 0, part)) })
            }
        }
        var rounds = ((maker.count - first + batch - 1) / batch + processes.size - 1) / processes.size
        try maker.forEachBatch(from: first, of: batch, by: share) { rows, views in
            try exchange([EmbeddedRows(rows, views)])
            rounds -= 1
        }
        // This process may have no batch in the last round.
        if rounds > 0 { try exchange([]) }
    }

    /// The features of rank 0, on all processes.
    private func shared(_ sets: [FeatureSet], _ peers: TrainingPeers) throws -> [FeatureSet] {
        guard !peers.processes.isSingle else { return sets }
        struct Facts: Codable {
            let view: String
            let ids: [String]
            let films: [String]
            let shape: [Int]
            let frames: [Int]?
            let encoder: String
        }
        let facts = try peers.told(
            sets.map {
                Facts(
                    view: $0.view, ids: $0.ids, films: $0.films, shape: $0.values.shape.extents, frames: $0.frames,
                    encoder: $0.encoder)
            })
        return try facts.enumerated().map { index, facts in
            let values = peers.leads ? sets[index].values : Tensor(uninitialized: Shape(facts.shape))
            try peers.processes.broadcast(
                UnsafeMutableRawBufferPointer(
                    start: values.pointer, count: values.count * MemoryLayout<Float>.stride))
            return peers.leads
                ? sets[index]
                : try FeatureSet(
                    view: facts.view, ids: facts.ids, films: facts.films, values: values, frames: facts.frames,
                    encoder: facts.encoder)
        }
    }

    private func set(_ view: String, _ values: Tensor, _ rows: [FeatureJournal.Row]) throws -> FeatureSet {
        // A view has its encoder's name, or that and a language.
        if let frames = encoders.first(where: { view == $0.name || view.hasPrefix("\($0.name).") })?.frames {
            return try framed(view, values, rows, frames: frames)
        }
        guard unit == .source else {
            return try FeatureSet(
                view: view, ids: rows.map(\.id), films: rows.map(\.film), values: values, encoder: identity)
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
        return try FeatureSet(view: view, ids: ids, films: films, values: means, encoder: identity)
    }
}

extension FeatureExtraction {
    /// The frames of each source or clip. Frames that an earlier clip of the source has, or whose middle lies beyond its
    /// end, are left out; each clip keeps those of at least one moment, and frames of the whole clip, such as class tokens.
    private func framed(
        _ view: String, _ values: Tensor, _ rows: [FeatureJournal.Row], frames: FrameTimes
    ) throws -> FeatureSet {
        let width = values.shape[1] / frames.moments.count
        var (ids, films, counts): ([String], [String], [Int]) = ([], [], [])
        var members: [[(row: Int, frames: [Int])]] = []
        var places: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            let own = frames.frames(from: row.begin ?? 0, to: row.end ?? 1)
            let id = unit == .source ? row.source : row.id
            let place = places[id] ?? ids.count
            if place == ids.count {
                places[id] = place
                ids.append(id)
                films.append(row.film)
                members.append([])
                counts.append(0)
            }
            members[place].append((index, own))
            counts[place] += own.count
        }
        let result = Tensor(uninitialized: [counts.reduce(0, +), width])
        try MemoryShortage.check()
        var target = result.pointer
        for (row, own) in members.joined() {
            for frame in own {
                target.update(from: values.pointer + row * values.shape[1] + frame * width, count: width)
                target += width
            }
        }
        return try FeatureSet(view: view, ids: ids, films: films, values: result, frames: counts, encoder: identity)
    }
}

/// The batches of an extraction that one process computes: every n-th of n processes.
struct RowShare {
    let rank: Int
    let ranks: Int

    func isOwn(batch: Int) -> Bool { batch % ranks == rank }
}

/// Computes the rows of an extraction, batch by batch.
protocol RowMaker {
    /// Equal only for the same rows of the same sounds and films.
    var fingerprint: String { get }
    /// The number of rows.
    var count: Int { get }
    /// The sources without rows, and why.
    var leftOut: [String] { get }
    /// Passes on the batches of one process from a row on, with a tensor [rows, features] for each view.
    func forEachBatch(
        from first: Int, of size: Int, by share: RowShare,
        _ body: (_ rows: [FeatureJournal.Row], _ views: [(name: String, tensor: Tensor)]) throws -> Void
    ) throws
}
