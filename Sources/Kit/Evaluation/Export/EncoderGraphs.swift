import Foundation
import KitCore
import KitData
import KitModel
import KitTensor
import KitTraining

/// The graphs of an encoder: from prepared input, and from sound or frames.
struct EncoderGraphs {
    private let encoder: TrainedRun.Encoding
    private let clips: ClipSettings
    private let backbone: ModuleGraph

    init(_ encoder: TrainedRun.Encoding, _ clips: ClipSettings) throws {
        (self.encoder, self.clips) = (encoder, clips)
        if encoder.isVideo {
            backbone = try ModuleGraph(
                encoder.module, axes: ["batch", "time", "height", "width", "channels"],
                extents: [1, clips.frames ?? 1, clips.size, clips.size, 3], open: [[1, 2, 3], [1]],
                input: "normalised_frames", output: "features")
        } else {
            backbone = try ModuleGraph(
                encoder.module, axes: ["batch", "frames", "mel", "channels"], extents: [1] + clips.melShape.extents,
                open: [[1]], input: "log_mel", output: "features")
        }
    }

    /// "frames 288", "height 224, width 224": axes that are not open.
    var fixedAxes: String {
        let fixed = backbone.input.dropFirst().dropLast(encoder.isVideo ? 1 : 2).compactMap { name, extent in
            extent.map { "\(name) \($0)" }
        }
        return fixed.joined(separator: ", ")
    }

    /// The facts of the encoder, without its folder.
    var entry: ExportFacts.Entry {
        var entry = ExportFacts.Entry(
            name: encoder.name, input: encoder.isVideo ? "video" : "sound",
            features: backbone.output.last.flatMap { $0 } ?? 0)
        entry.limit = backbone.limit
        if encoder.isVideo {
            entry.frames = backbone.input.dropFirst().map(\.extent)
        } else if let mel = clips.mel?.settings {
            entry.channels = mel.isMono ? 1 : 2
            entry.samples = backbone.input[1].extent.map { _ in clips.samples }
            entry.leastSamples = mel.isCentred ? mel.fftSize / 2 + 1 : mel.fftSize
        }
        return entry
    }

    /// The files by name.
    func files(_ facts: ExportFacts, _ entry: ExportFacts.Entry) throws -> [(name: String, file: ONNXFile)] {
        let output = backbone.output.enumerated().map { axis, extent in
            (name: axis == 0 ? "batch" : "features_\(axis)", extent: extent)
        }
        let summary = "\(encoder.module.summary), weights of \(facts.weights)"
        func file(_ name: String, _ graph: Graph, _ input: [ONNXFile.Axis]) throws -> ONNXFile {
            ONNXFile(
                graph: graph, name: name, input: input, output: output, metadata: try metadata(facts, entry),
                summary: summary)
        }
        let (whole, input) = try prepared()
        return [
            ("encoder.onnx", try file("encoder", whole, input)),
            ("backbone.onnx", try file("backbone", backbone.graph, backbone.input)),
        ]
    }

    /// The graph with the preparation of its input.
    private func prepared() throws -> (Graph, [ONNXFile.Axis]) {
        guard !encoder.isVideo, let mel = clips.mel?.settings else {
            var (graph, frames) = PreparationGraph.frames(clips)
            graph.append(backbone.graph, to: frames)
            graph.simplify()
            return (graph, backbone.input)
        }
        var (graph, spectrogram) = try PreparationGraph.logMel(clips, mel)
        graph.append(backbone.graph, to: spectrogram)
        graph.simplify()
        let samples = backbone.input[1].extent.map { _ in clips.samples }
        let channels: [ONNXFile.Axis] = mel.isMono ? [] : [("channels", 2)]
        let axes: [ONNXFile.Axis] = [("batch", nil)] + channels + [("samples", samples)]
        return (graph, axes)
    }

    /// The metadata of the file.
    private func metadata(
        _ facts: ExportFacts, _ entry: ExportFacts.Entry
    ) throws -> [(key: String, value: String)] {
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try JSONText.compact(value), as: UTF8.self)
        }
        var pairs: [(key: String, value: String)] = [
            ("dubkit.weights", facts.weights), ("dubkit.state", facts.state ?? "not a run"),
            ("dubkit.encoder", try json(facts.model.modules[encoder.name])), ("dubkit.clips", try json(clips)),
            ("dubkit.export", try json(entry)), ("clip_seconds", "\(clips.seconds)"), ("license", ""),
        ]
        if encoder.isVideo {
            pairs += [("frames", "\(clips.frames ?? 0)"), ("size", "\(clips.size)")]
            pairs += [("mean", try json(clips.mean)), ("std", try json(clips.deviation))]
        } else if let mel = clips.mel?.settings {
            pairs += [
                ("sample_rate", "\(mel.sampleRate)"), ("channels", "\(entry.channels ?? 1)"), ("hop", "\(mel.hop)"),
                ("fft_size", "\(mel.fftSize)"), ("mels", "\(mel.mels)"), ("mel_mean", "\(clips.melMean)"),
                ("mel_std", "\(clips.melDeviation)"),
                ("frame_rate", "\(Double(mel.sampleRate) / Double(mel.hop))"),
            ]
        }
        return pairs
    }
}
