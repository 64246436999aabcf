import Kit

/// Films with several sound tracks, cut into clips.
final class Movies: Dataset {
    static let name = "movies"
    static let summary =
        "Cuts films into clips with pictures [batch, time, height, width, 3] and log-mel spectrograms "
        + "[batch, time, mel, channels] of their sound tracks."
    static let source = "Singh et al., arXiv 2304.05600: 3 s, 16 frames of 224 x 224, stereo log-mel of 96 bands."
    static let returns: any OptionConvertible.Type = MovieDataset.self

    @Param("Folder of films, manifest (.jsonl, .csv), or one film.") var path: String
    @Param("What {data_root} in a manifest stands for; else the variable DUBKIT_DATA_ROOT.", from: .ours)
    var dataRoot: String? = nil
    @Param("Length of a clip.", in: ClipSettings.lengths, unit: "s", from: .paper) var seconds: Double = 3.0

    @Param("Whether pictures are read.", from: .ours) var video: Bool = true
    @Param("Pictures of a clip, spread evenly over it.", in: 1...1024, from: .paper) var frames: Int = 16
    @Param(
        "Height and width of the picture: its largest centred square, scaled, unless an augmentation crops otherwise.",
        in: 8...2048, unit: "px", from: .paper) var size: Int = 224
    @Param(
        "Subtracted from red, green and blue in 0...1: one number or three. SlowFast's and pytorchvideo's for X3D.",
        from: .inferred)
    var mean: [Double] = [0.45]
    @Param(
        "Divides red, green and blue after that: one number or three. SlowFast's and pytorchvideo's for X3D.",
        from: .inferred)
    var deviation: [Double] = [0.225]

    @Param("Whether sound is read.", from: .ours) var audio: Bool = true
    @Param(
        "How sound becomes a spectrogram: v1 (96 bands x 280 frames are paper-stated, window and hop inferred from them), "
            + "v2 (the authors' code), v2_stereo, or a table of settings.",
        from: .paper)
    var mel: MelChoice = .v1
    @Param("Subtracted from the log-mel values.", from: .ours) var melMean: Double = 0
    @Param("Divides the log-mel values after that.", in: 1e-6...1e6, from: .ours) var melDeviation: Double = 1
    @Param(
        "Sound tracks by language: \"en\", { \"en\", \"es\" }, or names: { primary = \"en\", secondary = { \"es\", \"fr\" } }; "
            + "\"original\" is the language that the manifest calls so. Nil: every language that all films have.",
        from: .ours) var tracks: TrackPlan? = nil
    @Param("A name with several languages: draw one of them for each clip, or read all.", from: .paper)
    var policy: TrackPolicy = .draw
    @Param(
        "Seconds by which each track but the first may begin before or after the picture, at random, in training.",
        in: 0...3600, unit: "s", from: .ours) var shift: Double = 0

    @Param("Films shown: train, held_out or all.", from: .ours) var split: Split = .train
    @Param(
        "Share of the films held out, chosen by a hash of their names. A manifest's own split goes before.", in: 0...1,
        from: .ours)
    var heldOut: Double = 0.2
    @Param("Chooses other films to hold out.", from: .ours) var splitSeed: Int = 0
    @Param(
        "Films that lack a track, are shorter than a clip or cannot be opened: an error (of the last, bad_budget are borne), or skip them.",
        from: .ours)
    var unusable: FilmCatalogue.Unusable = .error
    @Param("Fills a film that is shorter than a clip with silence and its last picture.", from: .ours)
    var pad: Bool = false

    @Param("Whether training clips begin at random places, up to half a clip from their own.", from: .ours)
    var jitter: Bool = true
    @Param("Augmentations of training clips: pictures, sound and spectrograms each in this order.", from: .ours)
    var augment: [Ref<any Augmentation>] = []
    @Param(
        "Augmentations of a second view of the pictures, which training batches then hold as second_video; nil reads one.",
        from: .ours)
    var secondView: [Ref<any Augmentation>]? = nil
    @Param("Sound tracks of a clip are augmented each in its own way, or all alike.", from: .ours)
    var augmentTracks: TrackAugment = .apart

    @Param("Threads that read clips ahead; 0 reads them between steps.", in: 0...256, from: .ours) var workers: Int = 2
    @Param("Batches read ahead; each takes the memory of a batch.", in: 1...1024, from: .ours) var prefetch: Int = 2
    @Param(
        "Unreadable sources that a run bears: below 1 their share, rounded up; from 1 their number.", in: 0...1e9,
        from: .ours)
    var badBudget: Double = 0.1

    enum TrackAugment: String, ChoiceOption { case apart, alike }

    func validate() throws {
        guard video || audio else {
            throw KitError.usage("'video' and 'audio' are both false: nothing is left to read")
        }
        for (name, values) in [("mean", mean), ("deviation", deviation)] where values.count != 1 && values.count != 3 {
            throw KitError.usage("option '\(name)' must be one number or three, but is a list of \(values.count)")
        }
        if let bad = deviation.first(where: { $0 <= 0 }) {
            throw KitError.usage("option 'deviation' must be above 0, but is \(bad)")
        }
        for (name, list) in [("augment", augment), ("second_view", secondView ?? [])] {
            let crops = list.filter { $0.object is any RegionAugmentation }.map { $0.object.declaration.name }
            guard crops.count <= 1 else {
                throw KitError.usage(
                    "option '\(name)' has \(crops.count) crops (\(crops.joined(separator: ", "))): give one")
            }
        }
        if let other = secondView?.first(where: {
            !($0.object is any RegionAugmentation || $0.object is any FrameAugmentation)
        }) {
            throw KitError.usage(
                "option 'second_view' is of pictures, which \(other.object.declaration.name) does not change")
        }
    }

    func construct() throws -> Any {
        let catalogue = try FilmCatalogue(
            Manifest.list(path, dataRoot: dataRoot), settings(), heldOut: heldOut, splitSeed: splitSeed,
            unusable: unusable)
        return try MovieDataset(
            catalogue, split: split,
            loading: LoaderOptions(workers: workers, prefetch: prefetch, badBudget: badBudget))
    }

    private func settings() throws -> ClipSettings {
        var settings = ClipSettings()
        settings.seconds = seconds
        settings.frames = video ? frames : nil
        settings.size = size
        settings.mean = (mean.count == 3 ? mean : Array(repeating: mean[0], count: 3)).map(Float.init)
        settings.deviation = (deviation.count == 3 ? deviation : Array(repeating: deviation[0], count: 3)).map(
            Float.init)
        settings.mel = audio ? try LogMel(mel.settings) : nil
        settings.melMean = Float(melMean)
        settings.melDeviation = Float(melDeviation)
        settings.tracks = tracks
        settings.policy = policy
        settings.shift = shift
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

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Movies.self) }
