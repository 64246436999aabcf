import Foundation
import KitCore
import KitData
import KitModel
import KitTraining

/// A safetensors file with the weights of one encoder, whose metadata says which encoder it is and on what clips it was
/// trained.
public enum EncoderFile {
    /// The key of the metadata.
    private static let key = "dubkit"

    /// Writes each tower of a file of weights to a file of its own, `<name>.safetensors`, and returns their paths.
    ///
    /// - Parameters:
    ///   - file: safetensors, or a file of `torch.save`.
    ///   - folder: created if it does not exist.
    ///   - positions: how tables of positions of another length are resized; nil if they are an error.
    public static func convert(
        _ file: any TensorFile, to folder: String, positions: PositionResizing? = nil
    ) throws -> [(tower: WeightTower, path: String)] {
        let towers = try WeightTower.all(in: file)
        guard !towers.isEmpty else {
            let known = PluginRegistry.shared.all.filter { $0.type is any PublishedEncoder.Type }.map(\.name)
            throw KitError(
                .badData,
                "\(file.path): has no weights of a known encoder (there are: \(known.joined(separator: ", ")))")
        }
        if let twice = Dictionary(grouping: towers, by: \.name).first(where: { $1.count > 1 }) {
            let prefixes = twice.value.map { "'\($0.prefix)'" }.joined(separator: " and ")
            throw KitError(.badData, "\(file.path): two encoders would be named '\(twice.key)': \(prefixes)")
        }
        try Folder.make(folder)
        return try towers.map { tower in
            let path = "\(folder)/\(tower.name).safetensors"
            let module = try tower.load(from: file, positions: positions)
            let facts = ModelFacts(clips: tower.encoder.publishedClips, modules: [(tower.name, module)])
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try module.saveWeights(
                to: path, metadata: [key: String(decoding: try encoder.encode(facts), as: UTF8.self)])
            return (tower, path)
        }
    }

    /// The encoder of a file, with its name and its clips.
    static func read(_ path: String) throws -> (encoder: TrainedRun.Encoding, clips: ClipSettings, digest: String) {
        let file = try SafetensorsFile(path)
        guard let text = file.metadata[key] else {
            throw KitError(
                .badData, "\(path): does not say which encoder it belongs to: write it with 'dubkit weights convert'")
        }
        do {
            let facts = try JSONDecoder().decode(ModelFacts.self, from: Data(text.utf8))
            guard facts.modules.count == 1, let (name, entry) = facts.modules.first, let clips = facts.clips else {
                throw KitError(.badData, "\(path): expected one encoder with its clips in the metadata")
            }
            let encoder = try TrainedRun.Encoding(name: name, module: entry.make())
            try encoder.module.loadWeights(from: file)
            return (encoder, clips, SHA256.digest(of: try DiskFileSystem().read(path)).prefix(16).description)
        } catch let error as DecodingError {
            throw KitError(.badData, "\(path): the metadata cannot be understood: \(error.reason)")
        } catch let error as KitError {
            throw error.message.hasPrefix(path) ? error : KitError(.badData, "\(path): \(error.message)")
        }
    }
}

extension TrainedRun {
    /// Encoders from files that `EncoderFile` wrote, as if one run had trained them. Their clips must have the same
    /// length; those of video and sound are combined.
    public convenience init(encoderFiles paths: [String]) throws {
        let files = try paths.map { (path: $0, content: try EncoderFile.read($0)) }
        guard let first = files.first else { throw KitError.usage("there are no encoder files") }
        var clips = first.content.clips
        for (path, content) in files {
            guard content.clips.seconds == clips.seconds else {
                throw KitError.usage(
                    "\(path): its clips are \(content.clips.seconds) s long, but those of \(first.path) \(clips.seconds) s"
                )
            }
            if content.encoder.isVideo {
                (clips.frames, clips.size) = (content.clips.frames, content.clips.size)
                (clips.mean, clips.deviation) = (content.clips.mean, content.clips.deviation)
            } else {
                clips.mel = content.clips.mel
                (clips.melMean, clips.melDeviation) = (content.clips.melMean, content.clips.melDeviation)
            }
        }
        let encoders = files.map(\.content.encoder)
        if let twice = Dictionary(grouping: encoders, by: \.name).first(where: { $1.count > 1 })?.key {
            throw KitError.usage("two of the encoder files have an encoder '\(twice)'")
        }
        self.init(
            path: first.path, clips: clips, encoders: encoders,
            fingerprint: files.map { "\($0.content.encoder.name) sha256:\($0.content.digest)" }.joined(separator: "; "))
    }
}
