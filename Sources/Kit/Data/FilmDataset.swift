import KitCore
import KitMedia
import KitTensor

/// Films cut into clips: consecutive windows of one length.
///
/// In training, the start of a window is shifted by up to half a window at random, and clips are augmented. In
/// evaluation, both are fixed. The splits of one dataset never have a film in common.
public final class FilmDataset {
    public let settings: ClipSettings
    public let split: Split
    public let isTraining: Bool
    /// How its batches are read.
    public let loading: LoaderOptions
    /// The sources of this split that can be used.
    public var sources: [ClipSource] { entries.map(\.source) }
    /// These sources, each with its facts and, for each track of a batch, the possible languages.
    let entries: [FilmCatalogue.Entry]

    /// The source that a clip is cut from.
    public func source(of clip: Clip) -> ClipSource { entries[clip.source].source }

    /// The part of a clip, in shares of its length, that no earlier clip of its source has and that is not padding: where
    /// it begins and ends. Nil at a side where that is the clip's own.
    package func ownPart(of clip: Clip) -> (begin: Double?, end: Double?) {
        let entry = entries[clip.source]
        let (start, length) = (clip.start - entry.source.start, settings.seconds)
        // All clips but a tail begin at a multiple of their length.
        let overlap = (start / length).rounded(.up) * length - start
        let left = (entry.facts.duration - start) / length
        let isTail = settings.tail && start > 0 && overlap > 0.002
        return (isTail ? overlap / length : nil, left < 0.999 ? left : nil)
    }

    public let films: [String]
    public let clips: [Clip]
    /// For each film, the numbers of its clips.
    public let clipsOfFilm: [[Int]]
    let catalogue: FilmCatalogue

    /// The clips of one split. Throws if there is none.
    public init(
        _ catalogue: FilmCatalogue, split: Split, isTraining: Bool? = nil, loading: LoaderOptions = LoaderOptions()
    ) throws {
        self.catalogue = catalogue
        self.loading = loading
        self.split = split
        self.isTraining = isTraining ?? (split != .heldOut)
        settings = catalogue.settings
        entries = catalogue.entries.filter { split == .all || ($0.isHeldOut == (split == .heldOut)) }
        var films: [String] = []
        var numbers: [String: Int] = [:]
        var clips: [Clip] = []
        var clipsOfFilm: [[Int]] = []
        for (index, entry) in entries.enumerated() {
            let film = numbers[entry.source.film] ?? films.count
            if film == films.count {
                numbers[entry.source.film] = film
                films.append(entry.source.film)
                clipsOfFilm.append([])
            }
            for start in settings.starts(in: entry.facts.duration) {
                clipsOfFilm[film].append(clips.count)
                clips.append(
                    Clip(
                        id: "\(entry.source.id):\(start.inMilliseconds)", source: index, film: film,
                        start: entry.source.start + start))
            }
        }
        guard !clips.isEmpty else {
            throw KitError(
                .badData,
                "split '\(split.rawValue)' has no films (\(counted(catalogue.entries.count, "source")) "
                    + "\(agreeing(catalogue.entries.count, "is", "are")) in the other split; "
                    + "held_out = \(catalogue.heldOutFraction))")
        }
        (self.films, self.clips, self.clipsOfFilm) = (films, clips, clipsOfFilm)
    }

    /// The sources of any split that are not used, and why.
    public var leftOut: [String] { catalogue.leftOut }

    /// Another split of the same films.
    public func split(_ split: Split) throws -> FilmDataset {
        try FilmDataset(catalogue, split: split, loading: loading)
    }

    /// The same clips with fixed windows and without augmentation.
    public func evaluation() throws -> FilmDataset {
        try FilmDataset(catalogue, split: split, isTraining: false, loading: loading)
    }

    /// The batches in the order of a sampler.
    public func batches(_ sampler: any Sampler) throws -> Batches { try Batches(self, sampler, loading) }

    /// Reads one clip, as a batch of one.
    public func clip(_ number: Int) throws -> ClipBatch {
        guard clips.indices.contains(number) else {
            throw KitError.usage("there is no such clip: the dataset has clips 1 to \(clips.count)")
        }
        let batch = try emptyBatch(epoch: 0, index: 0, rows: 0..<1, of: 1)
        batch.places[0] = try loader(seed: 0).load(ClipDraw(clip: number, epoch: 0, use: 0), into: batch, 0)
        return batch
    }

    /// The sources of any split whose files cannot be opened.
    public var badSamples: [BadSample] { catalogue.badSamples }

    /// Whether unusable films are skipped, as requested.
    var leavesOutUnusable: Bool { catalogue.leavesOutUnusable }

    /// "8 films, 48 clips, 0123456789abcdef": equal only for the same clips read in the same way.
    public var fingerprint: String {
        var hash = FNV1a()
        for text in clips.map(\.id) + [settings.text, "\(isTraining)"] {
            hash.add(text)
            hash.add(0xff)
        }
        return "\(films.count) films, \(clips.count) clips, \(String(hash.value, radix: 16))"
    }

    /// A reader of clips, for one thread.
    ///
    /// - Parameter onScriptThread: runs work on the recipe's thread, for calls from other threads.
    func loader(
        seed: Int, onScriptThread: @escaping ClipLoader.ScriptThread = { work in try work() }
    ) -> ClipLoader {
        ClipLoader(self, seed: seed, reader: catalogue.makeReader(), onScriptThread: onScriptThread)
    }

    /// Allocates the tensors of a batch. Throws if memory is short.
    ///
    /// - Parameters:
    ///   - rows: the rows of the batch that are to be read here.
    ///   - wholeCount: the number of clips in the whole batch.
    func emptyBatch(epoch: Int, index: Int, rows: Range<Int>, of wholeCount: Int) throws -> ClipBatch {
        let count = rows.count
        func frames() -> Tensor? {
            settings.frames.map {
                Tensor(uninitialized: Shape([count, $0 * settings.crops.count, settings.size, settings.size, 3]))
            }
        }
        let tracks = catalogue.audio.outputs.map { output in
            AudioTracks.Track(
                name: output.name, language: output.onlyLanguage,
                tensor: Tensor(uninitialized: Shape([count] + settings.melShape.extents)))
        }
        let batch = ClipBatch(
            epoch: epoch, index: index, rows: rows, of: wholeCount, video: frames(),
            secondVideo: isTraining && settings.secondView != nil ? frames() : nil,
            audio: AudioTracks(tracks, groups: catalogue.audio.groups))
        // The threads that fill them do not see a shortage.
        try MemoryShortage.check()
        return batch
    }
}
