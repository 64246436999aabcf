import Foundation
import KitCore
import KitData
import KitModel
import KitTraining

/// The files of a folder as on Hugging Face: `config.json`, `preprocessor_config.json`, `model.safetensors` and a model card.
package enum HuggingFaceFolder {
    package static let weightsFile = "model.safetensors"
    package static let cardFile = "README.md"
    private static let configurationFile = "config.json"
    private static let preparationFile = "preprocessor_config.json"

    private struct Configuration: Codable {
        let architectures: [String]
        let hiddenSize: Int?
        let dubkit: ExportFacts
        let modelType: String
        let torchDtype: String

        private enum CodingKeys: String, CodingKey {
            case architectures, dubkit
            case hiddenSize = "hidden_size"
            case modelType = "model_type"
            case torchDtype = "torch_dtype"
        }
    }

    private struct Preparation: Encodable {
        let featureExtractorType = "DubkitFeatureExtractor"
        let clipSeconds: Double
        let samplingRate: Int?
        let featureSize: Int?
        let nFft: Int?
        let hopLength: Int?
        let numChannels: Int?
        let numFrames: Int?
        let size: Int?
        let imageMean: [Float]?
        let imageStd: [Float]?
        let rescaleFactor: Double?
        let doCenterCrop: Bool?
        /// All settings, with the kit's names.
        let clips: ClipSettings
    }

    /// The files that describe the weights.
    static func documents(_ facts: ExportFacts) throws -> [(name: String, content: Data)] {
        guard let clips = facts.model.clips else { return [] }
        let configuration = Configuration(
            architectures: facts.encoders.compactMap { facts.model.modules[$0.name]?.plugin },
            hiddenSize: facts.encoders.first?.features, dubkit: facts, modelType: "dubkit", torchDtype: "float32")
        let mel = facts.encoders.contains { $0.input == "sound" } ? clips.mel?.settings : nil
        let hasVideo = facts.encoders.contains { $0.input == "video" }
        let preparation = Preparation(
            clipSeconds: clips.seconds, samplingRate: mel?.sampleRate, featureSize: mel?.mels, nFft: mel?.fftSize,
            hopLength: mel?.hop, numChannels: mel.map { $0.isMono ? 1 : 2 }, numFrames: hasVideo ? clips.frames : nil,
            size: hasVideo ? clips.size : nil, imageMean: hasVideo ? clips.mean : nil,
            imageStd: hasVideo ? clips.deviation : nil, rescaleFactor: hasVideo ? 1 / 255.0 : nil,
            doCenterCrop: hasVideo ? true : nil, clips: clips)
        return [
            (configurationFile, try JSONText.document(configuration)),
            (preparationFile, try JSONText.document(preparation, keys: .convertToSnakeCase)),
        ]
    }

    /// Whether a folder has the weights and the configuration that `dubkit export` writes.
    static func isOne(_ folder: String) -> Bool {
        let files = DiskFileSystem()
        return [weightsFile, configurationFile].allSatisfy { files.exists("\(folder)/\($0)") }
            && !files.exists("\(folder)/\(ModelFacts.fileName)")
    }

    /// The facts in `config.json`.
    static func facts(_ folder: String) throws -> ExportFacts {
        let path = "\(folder)/\(configurationFile)"
        do {
            return try JSONDecoder().decode(Configuration.self, from: try DiskFileSystem().read(path)).dubkit
        } catch let error as DecodingError {
            throw KitError(
                .badData,
                "\(path): is not a configuration that 'dubkit export --format huggingface' wrote: \(error.reason)")
        }
    }
}

extension TrainedRun {
    /// The encoders of a run folder, of a folder of runs, or of a folder that `dubkit export --format huggingface` wrote.
    ///
    /// - Parameters:
    ///   - folder: the folder.
    ///   - weights: the weights of a run to load; an exported folder has only one kind.
    ///   - notice: called for each damaged checkpoint that is skipped.
    public static func open(
        _ folder: String, weights: Weights = .latest, notice: (String) throws -> Void
    ) throws -> TrainedRun {
        guard HuggingFaceFolder.isOne(folder) else { return try TrainedRun(folder, weights: weights, notice: notice) }
        guard weights == .latest || weights == .random else {
            throw KitError.usage("\(folder): is an exported folder, which has one set of weights and no checkpoints")
        }
        let (files, facts) = (DiskFileSystem(), try HuggingFaceFolder.facts(folder))
        let (encoders, clips) = try facts.model.encoders(of: folder, files)
        if weights == .latest {
            let path = "\(folder)/\(HuggingFaceFolder.weightsFile)"
            for encoder in encoders {
                try encoder.module.loadWeights(
                    from: path, prefix: EncoderExport.prefix(of: encoder.name, among: encoders.count))
            }
        }
        return TrainedRun(path: folder, clips: clips, encoders: encoders, fingerprint: facts.weights)
    }
}
