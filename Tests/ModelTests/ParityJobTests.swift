import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Runs one encoder for `scripts/dev/parity.py`, which compares it with PyTorch: does nothing unless the variable
/// DUBKIT_PARITY names a folder with the job.
@Suite struct ParityJobTests {
    private struct Job: Decodable {
        let encoder: String
        let integers: [String: Int]
        let words: [String: String]
        let numbers: [String: Double]?
        let switches: [String: Bool]?
        /// Names of modules inside the encoder, as a pattern.
        let inner: String?
    }

    private static let folder = ProcessInfo.processInfo.environment["DUBKIT_PARITY"]

    /// Reads weights.safetensors (saved by PyTorch) and data.safetensors (input, seed); writes saved.safetensors (the
    /// weights, by this kit) and results.safetensors (`evaluation` and `training`, the outputs of both modes, and the
    /// gradients as `evaluation.<name>` and `training.<name>`; as `inner.<name>`, outputs in training of the modules
    /// inside that the job asks for).
    @Test(.enabled(if: folder != nil)) func run() throws {
        let folder = try #require(Self.folder) + "/"
        let job = try JSONDecoder().decode(Job.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "job.json")))
        var options: [(String, OptionValue)] = job.integers.map { ($0.key, .int($0.value)) }
        for (key, word) in job.words { options.append((key, .string(word))) }
        for (key, number) in job.numbers ?? [:] { options.append((key, .number(number))) }
        for (key, isOn) in job.switches ?? [:] { options.append((key, .bool(isOn))) }
        let plugin = try PluginRegistry.shared.make(
            kind: "encoder", name: job.encoder, options: Options(named: options))
        let module = try #require(try plugin.construct() as? Module)
        try module.loadWeights(from: folder + "weights.safetensors")
        try module.saveWeights(to: folder + "saved.safetensors")
        let data = try SafetensorsFile(folder + "data.safetensors")
        let (input, seed) = (try data.tensor("input"), try data.tensor("seed"))

        var items: [SafetensorsWriter.Item] = []
        for (mode, isTraining) in [("evaluation", false), ("training", true)] {
            module.train(isTraining)
            module.clearGradients()
            if isTraining, let inner = job.inner {
                try module.onForward(inner) { name, output in
                    items.append(.init("inner.\(name)", output))
                    return nil
                }
            }
            let output = try module(input)
            try output.backward(from: seed)
            items.append(.init(mode, output))
            items += try module.stateEntries().compactMap { entry in
                try entry.tensor.grad.map { .init("\(mode).\(entry.name)", try entry.stored($0)) }
            }
        }
        try SafetensorsWriter.write(items, to: folder + "results.safetensors")
    }
}
