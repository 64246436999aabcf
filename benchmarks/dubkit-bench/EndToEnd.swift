import Kit

/// Training steps of the towers on clips that are read from films meanwhile.
final class EndToEnd: Workload {
    private let towers: Towers
    private let batches: Batches
    private let steps: Int

    init(_ spec: Spec) throws {
        towers = try Towers(spec)
        let films = try spec.plugin("films", kind: "dataset", as: FilmDataset.self)
        guard let sampler = try spec.plugin("sampler", kind: "sampler", as: Any.self) as? any Sampler else {
            throw KitError.usage("'sampler' names no sampler")
        }
        batches = try films.batches(sampler)
        steps = try spec.get("steps")
    }

    /// The loss on one batch of numbers.
    func check() throws -> [String: [Float]] {
        guard let clip = try batches.next(), let video = clip.video else {
            throw KitError.usage("'films' give no batch with pictures")
        }
        let sound = clip.audio.tracks[0].tensor.shape.extents
        let both = try Tensor.encoderInput([2 * sound[0], sound[2], sound[1], sound[3]])
        batches.close()
        return [
            "loss": [
                try towers.step(
                    video: .pattern(video.shape.extents), primary: both.slice(axis: 0, 0..<sound[0]),
                    secondary: both.slice(axis: 0, sound[0]..<2 * sound[0]))
            ]
        ]
    }

    /// Seconds for one step, once two steps have brought the readers under way.
    func run() throws -> Double {
        defer { batches.close() }
        for _ in 0..<2 { try step() }
        return try seconds { for _ in 0..<steps { try step() } } / Double(steps)
    }

    private func step() throws {
        guard let clip = try batches.next() ?? batches.next(), let video = clip.video else {
            throw KitError.usage("'films' give no batch with pictures")
        }
        let tracks = clip.audio.tracks
        _ = try towers.step(video: video, primary: tracks[0].tensor, secondary: tracks[1].tensor)
    }
}
