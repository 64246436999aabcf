import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Embed.self) }

/// `kit.embed { ... }` and `dubkit embed`.
public struct Embed: Function {
    public static let name = "embed"
    public static let summary =
        "Runs encoders in evaluation mode over films or sounds, clip by clip, and returns a row of features for each source: "
        + "a table of features by view. Continues where an interrupted call stopped."
    public static let reference =
        "The mean of consecutive clips of 3 s: arXiv 2304.05600 and HEAR's scene embeddings; five crops: the "
        + "authors' code."
    public static let returns: any OptionConvertible.Type = NamedOption<FeatureSet>.self

    @Param("A folder, a manifest, one file, or a labelled dataset.") public var data: OptionValue
    @Param("The run whose encoders and clip settings are used.", from: .ours)
    public var run: TrainedRun? = nil
    @Param("Encoders by the view's name, instead of the run's.", from: .ours)
    public var encoders: NamedOption<Module> = NamedOption()
    @Param("Views to compute; by default, one for each encoder.", from: .ours) public var views: [String]? = nil
    @Param(
        "A module inside the encoders whose output is the features, with its mean over time and space: a pattern that covers one name, such as layer3 or blocks%.2. Nil takes the encoders' own output.",
        from: .ours)
    public var layer: String? = nil
    @Param(
        "Keeps frames instead of one vector for each row: time (one for each moment, the mean over space or frequency) or tokens (every place of the map, or every token of a transformer). Of the layer, or by default of the last module with several of them.",
        from: .ours)
    public var frames: FeatureFrames? = nil
    @Param("Sound tracks to embed, by language; by default, every language that all sources have.", from: .ours)
    public var tracks: TrackPlan? = nil
    @Param("Squares of the frame whose features are averaged: centre or five.", from: .ours)
    public var crops: ClipSettings.Crops = .centre
    @Param(
        "The meaning of a row: a source, with the mean of its clips; a clip; or a timestamp, for events: the sound around the points of a regular grid.",
        from: .ours)
    public var rows: FeatureExtraction.Row = .source
    @Param("Seconds between timestamps.", in: 0.001...60, unit: "s", from: .inferred) public var hop: Double =
        0.05
    @Param("Seconds of sound around each timestamp; by default, the length of a clip.", from: .ours)
    public var window: Double? = nil
    @Param("Folder to write the features to; nil keeps them in memory.", from: .ours) public var out: String? = nil
    @Param("npy writes a file for each view, npz one for all.", from: .ours) public var format: FeatureFolder.Format =
        .npy
    @Param("Films that lack a requested track: an error, or skip them.", from: .ours)
    public var unusable: FilmCatalogue.Unusable = .error
    @Param("Number of clips to encode at once.", in: 1...1_048_576, from: .ours) public var batch: Int = 16
    @Param("Number of threads that read clips ahead; 0 reads them between batches.", in: 0...256, from: .ours)
    public var workers: Int = 2
    @Param(
        "Arithmetic of the encoders: float32, or bfloat16, in which convolutions, linear layers and LSTMs multiply numbers of 8 significant bits and add in float32, and tensors between convolutions have 8 bits.",
        from: .ours)
    public var precision: ProductPrecision = .float32

    public init() {}

    public func validate() throws {
        guard run != nil || !encoders.entries.isEmpty else {
            throw KitError.usage("give 'run', 'encoders' or both: there are no encoders")
        }
        if let window, !(0.01...60 ~= window) {
            throw KitError.usage("option 'window' must be 0.01 to 60 s, but is \(window)")
        }
        if let views {
            guard !views.isEmpty else {
                throw KitError.usage("option 'views' is empty: nil computes one for each encoder")
            }
            if let twice = Dictionary(grouping: views, by: { $0 }).first(where: { $1.count > 1 })?.key {
                throw KitError.usage("option 'views' names '\(twice)' twice")
            }
        }
        if frames != nil, rows == .timestamp {
            throw KitError.usage("option 'frames' is for rows of sources or clips: a timestamp is a moment already")
        }
        if out?.isEmpty == true { throw KitError.usage("option 'out' must not be empty") }
        if format == .npz, out == nil { throw KitError.usage("option 'format' is for files: give 'out'") }
    }

    public func construct() throws -> Any { FeatureSet.table(try embed()) }

    /// The features by view.
    public func embed(
        log: RunLog? = RunLog(
            verbosity: Session.current.settings.verbosity, progress: Session.current.settings.progress)
    ) throws -> [FeatureSet] {
        var clips = run?.clips ?? ClipSettings()
        if run == nil { clips.mel = try LogMel(.v1) }
        (clips.crops, clips.tracks) = (crops, tracks)
        let films = try films()
        try log?.warnOfLeftOut(SkippedFile.lines(films.skipped))
        var embedding = FeatureExtraction(
            films.sources, clips: clips, encoders: try chosen(for: clips), fingerprint: fingerprint)
        (embedding.unit, embedding.batch, embedding.workers) = (rows, batch, workers)
        embedding.precision = precision
        embedding.unusable = unusable
        embedding.grid = TimestampGrid(hop: hop, window: window)
        if let out, UnwrittenFiles.areWanted {
            UnwrittenFiles.note(out)
            return try embedding.run(log: log)
        }
        return try out.map { try embedding.write(to: $0, format: format, log: log) } ?? embedding.run(log: log)
    }

    private func films() throws -> FilmList {
        switch data {
        case .string(let path): return try Manifest.list(path)
        case .object(let labelled as LabelledDataset): return FilmList(labelled.sources)
        default:
            throw KitError.usage("option 'data' must be a path or a labelled dataset, but is \(data.givenText)")
        }
    }

    private func chosen(for clips: ClipSettings) throws -> [TrainedRun.Encoding] {
        let all =
            encoders.entries.isEmpty
            ? run?.encoders ?? []
            : try encoders.entries.map { try TrainedRun.Encoding(name: $0.name, module: $0.value) }
        guard let views else { return try all.map { try withLayer($0, clips) } }
        return try views.map { view in
            if let encoder = all.first(where: { $0.name == view }) { return try withLayer(encoder, clips) }
            let names = all.map(\.name)
            throw KitError.usage(
                "option 'views': there is no encoder '\(view)'\(NearestName.hint(view, in: names)) "
                    + "(there are: \(names.joined(separator: ", ")))")
        }
    }

    private func withLayer(_ encoder: TrainedRun.Encoding, _ clips: ClipSettings) throws -> TrainedRun.Encoding {
        if let frames {
            do { return try encoder.frameFeatures(of: layer, frames, clips: clips) } catch let error as KitError {
                throw error.prefixed("option '\(layer == nil ? "frames" : "layer")'")
            }
        }
        guard let layer else { return encoder }
        do { return try encoder.features(of: layer) } catch let error as KitError {
            throw error.prefixed("option 'layer'")
        }
    }

    /// The identity of the weights, and of the layer if it is not the last.
    private var fingerprint: String {
        (layer.map { "\(weights), layer \($0)" } ?? weights) + (frames.map { ", frames by \($0.rawValue)" } ?? "")
    }

    /// The identity of the weights: those of a run, or the settings of the recipe's encoders.
    private var weights: String {
        guard !encoders.entries.isEmpty else { return run?.fingerprint ?? "" }
        return encoders.entries.map { name, module in
            "\(name): \(module.factory?.formerSettings ?? module.summary) \(module.weightsDigest)"
        }.joined(separator: "; ")
    }
}

extension Module {
    /// A digest of all weights and buffers.
    fileprivate var weightsDigest: String {
        let hash = SHA256()
        for entry in stateEntries() {
            hash.update(UnsafeRawBufferPointer(start: entry.tensor.pointer, count: entry.tensor.count * 4))
        }
        return "sha256:\(hash.finish().prefix(16))"
    }
}
