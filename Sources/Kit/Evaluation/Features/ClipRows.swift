import KitCore
import KitData
import KitModel
import KitTensor

/// A row for each clip of films or sounds.
struct ClipRows: RowMaker {
    private let clips: ClipSettings
    private let encoders: [TrainedRun.Encoding]
    private let films: FilmDataset

    init(
        _ sources: [ClipSource], _ clips: ClipSettings, _ encoders: [TrainedRun.Encoding],
        unusable: FilmCatalogue.Unusable, workers: Int
    ) throws {
        (self.clips, self.encoders) = (clips, encoders)
        var settings = clips
        (settings.pad, settings.tail, settings.jitter, settings.augmentations) = (true, true, false, [])
        if !encoders.contains(where: \.isVideo) { settings.frames = nil }
        if encoders.allSatisfy(\.isVideo) { settings.mel = nil }
        guard !encoders.contains(where: \.isVideo) || settings.frames != nil else {
            throw KitError.usage("the run was trained without video, so it cannot be embedded")
        }
        guard encoders.allSatisfy(\.isVideo) || settings.mel != nil else {
            throw KitError.usage("the run was trained without sound, so it cannot be embedded")
        }
        let catalogue = try FilmCatalogue(sources, settings, heldOut: 0, unusable: unusable)
        // A missing row, or another clip in its place, would spoil every measurement, so no unreadable source is
        // tolerated.
        films = try FilmDataset(
            catalogue, split: .all, isTraining: false,
            loading: LoaderOptions(workers: workers, prefetch: 2, badBudget: 0))
    }

    var fingerprint: String { films.fingerprint }
    var count: Int { films.clips.count }
    var leftOut: [String] { films.leftOut }

    func forEachBatch(
        from first: Int, of size: Int, by share: RowShare,
        _ body: (_ rows: [FeatureJournal.Row], _ views: [(name: String, tensor: Tensor)]) throws -> Void
    ) throws {
        let batches = try films.batches(ClipOrder(first: first, batch: size, share))
        batches.epochLimit = 1
        defer { batches.close() }
        guard batches.batchesPerEpoch > 0 else { return }
        while let clips = try batches.next() {
            // Ctrl-C stops it within a layer.
            try body(rows(clips), try ThreadPool.abandonable { try views(clips) })
        }
    }

    private func rows(_ clips: ClipBatch) -> [FeatureJournal.Row] {
        clips.places.map {
            var row = FeatureJournal.Row(id: $0.clip.id, source: films.source(of: $0.clip).id, film: $0.film)
            (row.begin, row.end) = films.ownPart(of: $0.clip)
            return row
        }
    }

    /// The features of a batch from each encoder, and of each track.
    private func views(_ clips: ClipBatch) throws -> [(name: String, tensor: Tensor)] {
        try encoders.flatMap { encoder -> [(name: String, tensor: Tensor)] in
            if encoder.isVideo, let video = clips.video {
                return [(encoder.name, try frames(video, clips.count, encoder.module))]
            }
            return try clips.audio.tracks.map { track in
                let isOnly = clips.audio.tracks.count == 1
                return (isOnly ? encoder.name : "\(encoder.name).\(track.name)", try encoder.module(track.tensor))
            }
        }
    }

    /// The mean over the crops of each clip.
    private func frames(_ video: Tensor, _ count: Int, _ encoder: Module) throws -> Tensor {
        let crops = clips.crops.count
        guard crops > 1 else { return try encoder(video) }
        let shape = video.shape.extents
        let features = try encoder(video.reshaped(Shape([count * crops, shape[1] / crops] + shape[2...])))
        return try features.reshaped([count, crops, features.shape[1]]).mean([1])
    }
}

/// All clips in the order of the films, starting from one of them.
private final class ClipOrder: FilmSampler {
    static let name = "clip_order"
    static let summary = "All clips in the order of the films, starting from one of them."
    static let reference = "This kit."
    var first = 0
    var batch = 16
    let seed = 0
    private var share = RowShare(rank: 0, ranks: 1)

    init() {}
    init(first: Int, batch: Int, _ share: RowShare) { (self.first, self.batch, self.share) = (first, batch, share) }

    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        let clips = Array(films.joined().dropFirst(first))
        return stride(from: 0, to: clips.count, by: batch).filter { share.isOwn(batch: $0 / batch) }
            .map { Array(clips[$0..<min($0 + batch, clips.count)]) }
    }
}
