import KitCore
import KitMedia
import KitTensor

/// Films cut into clips: windows of one length, one behind the other.
///
/// In training a window's start is moved by up to half a window at random, and clips are augmented; in evaluation both
/// are fixed. Splits of one dataset share its films and never a film.
public final class MovieDataset {
    public let settings: ClipSettings
    public let split: Split
    public let isTraining: Bool
    /// How its batches are read.
    public let loading: LoaderOptions
    /// The sources of this split that can be used.
    public let sources: [ClipSource]
    let facts: [SourceFacts]
    /// For each source and each of a batch's tracks the languages that may stand there.
    let languages: [[[Language]]]
    public let films: [String]
    public let clips: [Clip]
    /// For each film the numbers of its clips.
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
        let entries = catalogue.entries.filter { split == .all || ($0.isHeldOut == (split == .heldOut)) }
        sources = entries.map(\.source)
        facts = entries.map(\.facts)
        languages = entries.map(\.languages)
        var films: [String] = []
        var numbers: [String: Int] = [:]
        var clips: [Clip] = []
        var clipsOfFilm: [[Int]] = []
        for (index, entry) in entries.enumerated() {
            let film = numbers[entry.source.movie] ?? films.count
            if film == films.count {
                numbers[entry.source.movie] = film
                films.append(entry.source.movie)
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
                "split '\(split.rawValue)' has no films (all \(catalogue.entries.count) sources are in the other split; "
                    + "held_out = \(catalogue.heldOutFraction))")
        }
        (self.films, self.clips, self.clipsOfFilm) = (films, clips, clipsOfFilm)
    }

    /// Sources, of whichever split, that are not used, and why.
    public var leftOut: [String] { catalogue.leftOut }

    /// Another split of the same films.
    public func split(_ split: Split) throws -> MovieDataset {
        try MovieDataset(catalogue, split: split, loading: loading)
    }

    /// The same clips with fixed windows and without augmentation.
    public func evaluation() throws -> MovieDataset {
        try MovieDataset(catalogue, split: split, isTraining: false, loading: loading)
    }

    /// Its batches in the order of a sampler.
    public func batches(_ sampler: any Sampler) throws -> Batches { try Batches(self, sampler, loading) }

    /// Reads one clip, as a batch of one.
    public func clip(_ number: Int) throws -> ClipBatch {
        guard clips.indices.contains(number) else {
            throw KitError.usage("there is no such clip: the dataset has clips 1 to \(clips.count)")
        }
        let batch = try emptyBatch(epoch: 0, index: 0, count: 1)
        batch.places[0] = try loader(seed: 0).load(ClipDraw(clip: number, epoch: 0, use: 0), into: batch, 0)
        return batch
    }

    /// Sources of any split whose files could not even be opened.
    public var badSamples: [BadSample] { catalogue.badSamples }

    /// Whether films that cannot be used are left out, as was asked for.
    var leavesOutUnusable: Bool { catalogue.leavesOutUnusable }

    /// "8 films, 48 clips, 0123456789abcdef": the same only for the same clips read in the same way.
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
    /// - Parameter onScriptThread: how a thread other than the recipe's has work done by that one.
    func loader(
        seed: Int, onScriptThread: @escaping ClipLoader.ScriptThread = { work in try work() }
    ) -> ClipLoader {
        ClipLoader(self, seed: seed, reader: catalogue.makeReader(), onScriptThread: onScriptThread)
    }

    /// The tensors of a batch that is to be read. Throws if there is not the memory for them.
    func emptyBatch(epoch: Int, index: Int, count: Int) throws -> ClipBatch {
        func pictures() -> Tensor? {
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
            epoch: epoch, index: index, count: count, video: pictures(),
            secondVideo: isTraining && settings.secondView != nil ? pictures() : nil,
            audio: AudioTracks(tracks, groups: catalogue.audio.groups))
        // The threads that fill them know of no shortage.
        try MemoryShortage.check()
        return batch
    }
}
