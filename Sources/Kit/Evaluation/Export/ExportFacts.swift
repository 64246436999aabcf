import Foundation
import KitCore
import KitData
import KitModel
import KitTraining

/// `dubkit.json`: what an exported folder contains, and all that is needed to prepare films and sounds for its encoders.
package struct ExportFacts: Codable {
    package static let fileName = "dubkit.json"

    /// An encoder in the folder.
    package struct Entry: Codable {
        package let name: String
        /// "sound" or "video".
        package let input: String
        /// The width of its features.
        package let features: Int
        /// The folder of its graphs, from this one; empty for this one. Nil without graphs.
        package var folder: String?
        /// Channels of the sound: 1 for the mean of the channels.
        package var channels: Int?
        /// The number of samples that the graph takes; nil for any from `leastSamples`.
        package var samples: Int?
        package var leastSamples: Int?
        /// The extents of the graph's frames [time, height, width, 3], with nil for any.
        package var frames: [Int?]?
        /// Why an axis is fixed that could be open; nil if none is.
        package var limit: String?

        private enum CodingKeys: String, CodingKey {
            case name, input, features, folder, channels, samples, frames, limit
            case leastSamples = "least_samples"
        }
    }

    package private(set) var format = 1
    /// "simclr_dub/20261123-001238-1 step 60 sha256:0123456789abcdef".
    package let weights: String
    /// "finished", or why not; nil if the encoders are not those of a run.
    package let state: String?
    package let step: Int?
    package let steps: Int?
    /// The encoders' plugins with their options, and the settings of clips.
    package let model: ModelFacts
    package var encoders: [Entry]
    /// The paths in the folder of the files that the export wrote besides `dubkit.json`, which has this list.
    var files: [String]?

    init(_ trained: TrainedRun, _ encoders: [TrainedRun.Encoding]) throws {
        weights = trained.fingerprint
        model = ModelFacts(
            clips: trained.clips, modules: encoders.map { ($0.name, $0.module) }, recipe: nil)
        let files = DiskFileSystem()
        let status =
            files.exists("\(trained.path)/\(RunStatus.fileName)") ? try? RunStatus.read(trained.path, files) : nil
        (step, steps) = (status?.step, status?.steps)
        state = status.map { status in
            switch status.state {
            case .running where RunFolder.isHeld(trained.path): "in training"
            case .running: "interrupted"
            default: status.state.rawValue
            }
        }
        self.encoders = []
    }

    /// "the run is interrupted after 40 of 60 steps"; nil if it is finished or there is none.
    package var notice: String? {
        guard let state, state != RunStatus.State.finished.rawValue else { return nil }
        return "the run is \(state) after \(counted(step ?? 0, of: steps ?? 0, "step"))"
    }

    package static func read(_ folder: String, _ name: String = fileName) throws -> ExportFacts {
        let path = "\(folder)/\(name)"
        do {
            return try JSONDecoder().decode(ExportFacts.self, from: try DiskFileSystem().read(path))
        } catch let error as DecodingError {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.reason)")
        }
    }
}
