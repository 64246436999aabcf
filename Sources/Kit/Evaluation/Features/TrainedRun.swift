import Foundation
import KitCore
import KitData
import KitModel
import KitTensor
import KitTraining

/// The encoders of a run with the weights of one of its checkpoints, and its settings of clips.
public final class TrainedRun {
    /// The weights to load.
    public enum Weights: Equatable, Sendable {
        /// Those of the newest intact checkpoint.
        case latest
        /// Those after a number of steps.
        case step(Int)
        /// Those with the best value of an evaluation, if the run kept them.
        case best
        /// Fresh weights from the recipe's seed, for comparison with trained ones.
        case random
    }

    /// The run folder.
    public let path: String
    public let clips: ClipSettings
    public let encoders: [Encoding]
    /// The identity of the weights: "simclr_dub/20261123-001238-1 step 60 sha256:0123456789abcdef".
    public let fingerprint: String
    /// The file with the weights of all its modules; nil for fresh weights and encoder files.
    private var weightsFile: String?

    /// Loads the weights of another module of the run, such as a classifier, into a module that is built alike.
    ///
    /// - Parameters:
    ///   - module: the module.
    ///   - name: its name in the run's modules.
    public func load(_ module: Module, named name: String) throws {
        guard let weightsFile else {
            throw KitError.usage("\(fingerprint): has no weights of '\(name)': they are those of encoders alone")
        }
        try module.loadWeights(from: weightsFile, prefix: name)
    }

    /// An encoder by its name in the run.
    public struct Encoding {
        public let name: String
        public let module: Module
        /// Whether it takes video rather than log-mel spectrograms.
        public let isVideo: Bool
        /// The frames or tokens of a clip, whose features the module gives one after the other; nil if it gives one vector.
        public let frames: FrameTimes?

        /// Throws unless the module was built by a plugin of kind `encoder`.
        public init(name: String, module: Module) throws {
            guard let encoder = module.factory as? any Encoder else {
                throw KitError.usage(
                    "'\(name)' (\(module.summary)) is not an encoder: it was not built by a kit.encoder")
            }
            (self.name, self.module, frames) = (name, module, nil)
            isVideo = encoder.expectedInput.content == .video
        }

        /// The output of a module inside the encoder instead of the encoder's own.
        ///
        /// - Parameter layer: a pattern that covers the name of one module.
        package func features(of layer: String) throws -> Encoding {
            do {
                return Encoding(name, try LayerFeatures(module, layer), isVideo: isVideo)
            } catch let error as KitError { throw error.prefixed("'\(name)'") }
        }

        /// The output of a module inside the encoder as frames or tokens.
        ///
        /// - Parameters:
        ///   - layer: a pattern that covers the name of one module; nil takes the last whose output has several frames.
        ///   - axis: what a frame is.
        ///   - clips: the form of its inputs.
        package func frameFeatures(of layer: String?, _ axis: FeatureFrames, clips: ClipSettings) throws -> Encoding {
            guard !isVideo || clips.frames != nil else {
                throw KitError.usage("the run was trained without video, so it cannot be embedded")
            }
            let extents = isVideo ? [clips.frames ?? 1, clips.size, clips.size, 3] : clips.melShape.extents
            do {
                let trial = Tensor.zeros(try Shape(checking: [1] + extents, "embed"))
                let features = try FrameFeatures(module, layer, axis, trial: trial)
                return Encoding(name, features, isVideo: isVideo, frames: features.times)
            } catch let error as KitError { throw error.prefixed("'\(name)'") }
        }

        private init(_ name: String, _ module: Module, isVideo: Bool, frames: FrameTimes? = nil) {
            (self.name, self.module, self.isVideo, self.frames) = (name, module, isVideo, frames)
        }
    }

    package init(path: String, clips: ClipSettings, encoders: [Encoding], fingerprint: String) {
        (self.path, self.clips, self.encoders, self.fingerprint) = (path, clips, encoders, fingerprint)
    }

    /// Opens a run folder, or the newest run below a folder of runs. If there is a moving average of the weights, it is
    /// used.
    ///
    /// - Parameters:
    ///   - folder: a run folder, or a folder that contains runs.
    ///   - weights: the weights to load.
    ///   - notice: called for each damaged checkpoint that is skipped.
    public init(_ folder: String, weights: Weights = .latest, notice: (String) throws -> Void) throws {
        let files = DiskFileSystem()
        path = try RunFolder.find(folder, having: ModelFacts.fileName, files)
        let facts = try ModelFacts.read(path, files)
        (encoders, clips) = try facts.encoders(of: path, files)
        let name = URL(fileURLWithPath: path).standardizedFileURL.pathComponents.suffix(2).joined(separator: "/")
        guard weights != .random else {
            fingerprint = "\(name) with fresh weights"
            return
        }
        let checkpoint = try Self.checkpoint(path, weights, files, notice)
        let average = checkpoint.path(Checkpoint.averageFile)
        let saved = files.exists(average) ? average : checkpoint.path(Checkpoint.modelFile)
        for encoder in encoders { try encoder.module.loadWeights(from: saved, prefix: encoder.name) }
        weightsFile = saved
        let digest = SHA256.digest(of: try files.read(saved)).prefix(16)
        fingerprint = "\(name) step \(checkpoint.step) sha256:\(digest)"
    }

    private static func checkpoint(
        _ run: String, _ weights: Weights, _ files: DiskFileSystem, _ notice: (String) throws -> Void
    ) throws -> Checkpoint {
        let folder = weights == .best ? "\(run)/\(Checkpoint.bestFolder)" : run
        if weights == .best, !files.exists(folder) {
            throw KitError(.noInput, "\(run): has no best checkpoint: kit.train was not given 'best'")
        }
        let store = CheckpointStore(run: folder, keep: 1, files: files)
        guard case .step(let step) = weights else {
            var damaged: [String] = []
            let newest = try store.newest { damaged.append($0) }
            for text in damaged { try notice("\(run): \(text)") }
            guard let newest else {
                throw KitError(.noInput, "\(run): has no intact checkpoint yet")
            }
            return newest
        }
        let steps = try store.steps()
        guard steps.contains(step) else {
            let known = steps.isEmpty ? "none" : steps.map(String.init).joined(separator: ", ")
            throw KitError(.noInput, "\(run): has no checkpoint of step \(step) (there are: \(known))")
        }
        return try store.verified(step)
    }
}

extension ModelFacts {
    /// The encoders with fresh weights, and the settings of clips.
    ///
    /// - Parameter path: the folder, which may have the recipe that defines them.
    func encoders(of path: String, _ files: any FileSystem) throws -> ([TrainedRun.Encoding], ClipSettings) {
        guard let clips else {
            throw KitError(.badData, "\(path): this run was not trained on films, so it has no settings of clips")
        }
        var made: [TrainedRun.Encoding] = []
        let definitions = try withDefinitions(of: "encoder", in: path, files) {
            for (name, entry) in modules.filter({ $0.value.plugin.hasPrefix("encoder.") }).sortedByBytes(of: \.key) {
                do {
                    made.append(try TrainedRun.Encoding(name: name, module: entry.make()))
                } catch let error as KitError { throw error.prefixed("\(path)/\(ModelFacts.fileName)") }
            }
        }
        for encoder in made { encoder.module.companion = definitions }
        guard !made.isEmpty else { throw KitError(.badData, "\(path): this run has no encoder") }
        return (made, clips)
    }
}
