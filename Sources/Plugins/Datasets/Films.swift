import Kit

/// Films with several sound tracks, cut into clips.
package final class Films: Dataset {
    package static let name = "films"
    package static let formerName: String? = "movies"
    package static let summary =
        "Cuts films into clips with video [batch, time, height, width, 3] and log-mel spectrograms "
        + "[batch, time, mel, channels] of their sound tracks."
    package static let reference =
        "Singh et al., arXiv 2304.05600: 3 s, 16 frames of 224 x 224, stereo log-mel of 96 bands."
    package static let returns: any OptionConvertible.Type = FilmDataset.self

    @Param(
        "Folder of films, manifest (.jsonl, .csv), tar files, one film, or a labelled dataset, whose batches then have the class of each clip in 'classes'."
    )
    var path: Either<String, LabelledDataset>
    @Param(
        "Fold of a labelled dataset whose training items are the split train, by name; nil takes the only one or the first.",
        from: .ours)
    var fold: String? = nil
    @Param(
        "Items of the fold that are the split held_out: test or valid. A fold without validation items sets a fifth of its training groups apart for valid.",
        from: .ours)
    var heldOutItems: LabelledDataset.HeldOutItems = .test
    @Param("Value of {data_root} in a manifest; by default, the variable DUBKIT_DATA_ROOT.", from: .ours)
    var dataRoot: String? = nil
    @Param("Length of a clip.", in: ClipSettings.lengths, unit: "s", from: .paper) var seconds: Double = 3.0

    @Param("Whether to read video.", from: .ours) var video: Bool = true
    @Param("Number of frames in a clip, evenly spaced.", in: 1...1024, from: .paper) var frames: Int = 16
    @Param(
        "Height and width of frames: the largest centred square, scaled, unless an augmentation crops otherwise.",
        in: 8...2048, unit: "px", from: .paper) var size: Int = 224
    @Param(
        "Subtracted from red, green and blue in 0...1: one number or three. SlowFast's and pytorchvideo's for X3D.",
        from: .inferred)
    var mean: [Double] = [0.45]
    @Param(
        "Divides red, green and blue after that: one number or three. SlowFast's and pytorchvideo's for X3D.",
        from: .inferred, was: "deviation")
    var std: [Double] = [0.225]

    @Param("Whether to read sound.", from: .ours) var audio: Bool = true
    @Param(
        "Settings of spectrograms: v1 (96 bands x 280 frames are paper-stated, window and hop inferred from them), "
            + "v2 (the authors' code), v2_stereo, or a table of settings.",
        from: .paper)
    var mel: MelChoice = .v1
    @Param("Subtracted from the log-mel values.", in: ClipSettings.means, from: .ours) var melMean: Double = 0
    @Param("Divides the log-mel values after that.", in: ClipSettings.deviations, from: .ours, was: "mel_deviation")
    var melStd: Double = 1
    @Param(
        "Sound tracks by language: \"en\", { \"en\", \"es\" }, or names: { primary = \"en\", secondary = { \"es\", \"fr\" } }; "
            + "\"original\" is the language that the manifest states as such. Nil: every language that all films have.",
        from: .ours) var tracks: TrackPlan? = nil
    @Param("For a name with several languages: draw one of them for each clip, or read all.", from: .paper)
    var policy: TrackPolicy = .draw
    @Param(
        "Largest random offset of each track but the first before or after the video, in training.",
        in: 0...3600, unit: "s", from: .ours, was: "shift") var dubOffset: Double = 0

    @Param("Films in the dataset: train, held_out or all.", from: .ours) var split: Split = .train
    @Param(
        "Share of the films held out, chosen by a hash of their names. A split in the manifest takes precedence.",
        in: 0...1,
        from: .ours)
    var heldOut: Double = 0.2
    @Param("Seed for the choice of held-out films.", from: .ours) var splitSeed: Int = 0
    @Param(
        "Films that lack a track, are shorter than a clip or cannot be opened: an error (bad_budget allows some that cannot be opened), or skip them.",
        from: .ours)
    var unusable: FilmCatalogue.Unusable = .error
    @Param("Whether to pad a film shorter than a clip with silence and its last frame.", from: .ours)
    var pad: Bool = false

    @Param("Whether training clips begin at random places, up to half a clip from their own.", from: .ours)
    var jitter: Bool = true
    @Param("Augmentations of training clips, applied in this order to frames, sound and spectrograms.", from: .ours)
    var augment: [ObjectOption<any Augmentation>] = []
    @Param(
        "Augmentations of a second view of the frames, which training batches then have as second_video; nil reads one view.",
        from: .ours)
    var secondView: [ObjectOption<any Augmentation>]? = nil
    @Param(
        "Whether the sound tracks of a clip are augmented independently (apart) or in the same way (alike).",
        from: .ours)
    var augmentTracks: TrackAugment = .apart

    @Param("Number of threads that read clips ahead; 0 reads them between steps.", in: 0...256, from: .ours)
    var workers: Int = 2
    @Param("Number of batches read ahead; each takes the memory of a batch.", in: 1...1024, from: .ours) var prefetch:
        Int = 2
    @Param(
        "Unreadable sources that a run tolerates: below 1 their share, rounded up; from 1 on their number.",
        in: 0...1e9,
        from: .ours)
    var badBudget: Double = 0.1

    enum TrackAugment: String, ChoiceOption { case apart, alike }

    package init() {}

    package func validate() throws {
        if case .first = path, fold != nil {
            throw KitError.usage("option 'fold' is for a labelled dataset, but 'path' is a path")
        }
        guard video || audio else {
            throw KitError.usage("'video' and 'audio' are both false: nothing is left to read")
        }
        for (name, values, range) in [("mean", mean, ClipSettings.means), ("std", std, ClipSettings.deviations)] {
            guard values.count == 1 || values.count == 3 else {
                throw KitError.usage("option '\(name)' must be one number or three, but is a list of \(values.count)")
            }
            if let bad = values.first(where: { !range.contains($0) }) {
                throw KitError.usage(
                    "option '\(name)' must be \(range.lowerBound) to \(range.upperBound), but is \(bad)")
            }
        }
        for (name, list) in [("augment", augment), ("second_view", secondView ?? [])] {
            let crops = list.filter { $0.object is any RegionAugmentation }.map { $0.object.declaration.name }
            guard crops.count <= 1 else {
                throw KitError.usage(
                    "option '\(name)' has \(counted(crops.count, "crop")) (\(crops.joined(separator: ", "))): give one")
            }
        }
        if let other = secondView?.first(where: {
            !($0.object is any RegionAugmentation || $0.object is any FrameAugmentation)
        }) {
            throw KitError.usage(
                "option 'second_view' is for frames, which \(other.object.declaration.name) does not change")
        }
    }

    package func construct() throws -> Any {
        let catalogue = try FilmCatalogue(
            list(), settings(), heldOut: heldOut, splitSeed: splitSeed, unusable: unusable)
        return try FilmDataset(
            catalogue, split: split,
            loading: LoaderOptions(workers: workers, prefetch: prefetch, badBudget: badBudget))
    }

    private func list() throws -> FilmList {
        switch path {
        case .first(let path): try Manifest.list(path, dataRoot: dataRoot)
        case .second(let labelled): FilmList(try labelled.sources(fold: fold, heldOut: heldOutItems))
        }
    }

    private func settings() throws -> ClipSettings {
        var settings = ClipSettings()
        settings.seconds = seconds
        settings.frames = video ? frames : nil
        settings.size = size
        settings.mean = (mean.count == 3 ? mean : Array(repeating: mean[0], count: 3)).map(Float.init)
        settings.deviation = (std.count == 3 ? std : Array(repeating: std[0], count: 3)).map(
            Float.init)
        settings.mel = audio ? try LogMel(mel.settings) : nil
        settings.melMean = Float(melMean)
        settings.melDeviation = Float(melStd)
        settings.tracks = tracks
        settings.policy = policy
        settings.shift = dubOffset
        settings.jitter = jitter
        settings.pad = pad
        settings.augmentations = augment.map(\.object)
        settings.secondView = secondView?.map(\.object)
        settings.augmentsTracksApart = augmentTracks == .apart
        if audio, settings.melShape[0] < 1 {
            throw KitError.usage("clips of \(seconds) s are too short for one frame of the spectrogram")
        }
        return settings
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Films.self) }
