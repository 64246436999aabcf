import Glibc
import KitCore
import KitData
import KitMedia
import KitTensor

/// The preparation of an encoder's input as the first nodes of its graph.
enum PreparationGraph {
    /// From sound to a normalised log-mel spectrogram, [batch, frames, mels, channels].
    ///
    /// Sound is [batch, channels, samples], or [batch, samples] where the spectrogram is of the mean of the channels. The
    /// spectra are two convolutions, with windowed cosines and sines. Their kernels are computed from one table of
    /// cosines when the file is loaded, and the bands' matrix from its few elements, so that they take no room.
    static func logMel(_ clips: ClipSettings, _ mel: LogMel.Settings) throws -> (graph: Graph, spectrogram: GraphEdge) {
        var graph = Graph()
        let input = graph.edge("sound")
        graph.inputs = [(input, [])]
        func node(_ op: String, _ inputs: [GraphEdge], _ attributes: [(name: String, value: GraphAttribute)] = [])
            -> GraphEdge
        { graph.node(op, inputs, attributes, in: "log_mel") }

        // [batch, 1, channels, samples].
        var sound = node("Unsqueeze", [input, graph.ints(mel.isMono ? [1, 2] : [1])])
        if mel.isCentred {
            let side = mel.fftSize / 2
            sound = node("Pad", [sound, graph.ints([0, 0, 0, side, 0, 0, 0, side])], [("mode", "reflect")])
        }
        let parts = Self.kernels(mel, &graph).map { kernel in
            node(
                "Conv", [sound, kernel],
                [("kernel_shape", .ints([1, mel.fftSize])), ("strides", .ints([1, mel.hop]))])
        }
        let power = node("Add", parts.map { node("Mul", [$0, $0]) })
        let matrix = try Self.bands(mel, &graph)
        let bands = node("Conv", [power, matrix], [("kernel_shape", [1, 1])])
        // [batch, mels, channels, frames] so far.
        var x = node("Transpose", [bands], [("perm", [0, 3, 1, 2])])
        if let most = mel.frames {
            x = node("Slice", [x, graph.ints([0]), graph.ints([most]), graph.ints([1])])
        }
        switch mel.level {
        case .natural(let offset): x = node("Log", [node("Add", [x, graph.scalar(Float(offset))])])
        case .decibel(let floor):
            x = node("Log", [node("Max", [x, graph.scalar(Float(floor))])])
            x = node("Mul", [x, graph.scalar(Float(10 / log(10.0)))])
        }
        if clips.melMean != 0 || clips.melDeviation != 1 {
            x = node("Sub", [x, graph.scalar(clips.melMean)])
            x = node("Mul", [x, graph.scalar(1 / clips.melDeviation)])
        }
        return (graph, x)
    }

    /// The kernels of cosines and sines, [bins, 1, 1, samples] each, times a periodic Hann window.
    private static func kernels(_ mel: LogMel.Settings, _ graph: inout Graph) -> [GraphEdge] {
        let (size, place) = (mel.fftSize, "log_mel")
        func constant(_ name: String, _ values: (Double) -> Double) -> GraphEdge {
            let angles = (0..<size).map { 2 * Double.pi * Double($0) / Double(size) }
            return graph.constant(
                "log_mel/\(name)", .floats(Tensor(angles.map { Float(values($0)) }, [size]), order: nil))
        }
        let window = constant("window") { 0.5 - 0.5 * cos($0) }
        let bins = graph.constant("log_mel/bins", .ints(Array(0...size / 2), shape: [size / 2 + 1, 1]))
        let samples = graph.constant("log_mel/samples", .ints(Array(0..<size), shape: [1, size]))
        // Turns of a bin's wave at a sample, in parts of the table.
        let turns = graph.node(
            "Mod", [graph.node("Mul", [bins, samples], in: place), graph.ints([size], shape: [])], in: place)
        return [constant("cosines", { cos($0) }), constant("sines", { sin($0) })].map { table in
            let waves = graph.node("Gather", [table, turns], in: place)
            let windowed = graph.node("Mul", [waves, window], in: place)
            return graph.node("Unsqueeze", [windowed, graph.ints([1, 2])], in: place)
        }
    }

    /// The weights of bands, [mels, bins, 1, 1].
    private static func bands(_ mel: LogMel.Settings, _ graph: inout Graph) throws -> GraphEdge {
        let bank = try MelFilterbank(
            mels: mel.mels, fftSize: mel.fftSize, sampleRate: mel.sampleRate, lowest: mel.lowest, highest: mel.highest,
            scale: mel.scale, isAreaNormalised: mel.isAreaNormalised)
        var (places, weights): ([Int], [Float]) = ([], [])
        for band in 0..<mel.mels {
            for (bin, weight) in bank.weights(ofBand: band).enumerated() where weight != 0 {
                places += [band, bin]
                weights.append(weight)
            }
        }
        let zeros = graph.node(
            "Expand", [graph.scalar(0), graph.ints([mel.mels, mel.fftSize / 2 + 1])], in: "log_mel")
        let matrix = graph.node(
            "ScatterND",
            [
                zeros, graph.constant("log_mel/band_places", .ints(places, shape: [weights.count, 2])),
                graph.constant("log_mel/band_weights", .floats(Tensor(weights, [weights.count]), order: nil)),
            ], in: "log_mel")
        return graph.node("Unsqueeze", [matrix, graph.ints([2, 3])], in: "log_mel")
    }

    /// From frames [batch, time, height, width, 3] with values from 0 to 1 to normalised ones.
    static func frames(_ clips: ClipSettings) -> (graph: Graph, frames: GraphEdge) {
        var graph = Graph()
        let input = graph.edge("frames")
        graph.inputs = [(input, [])]
        let mean = graph.constant("normalise/mean", .floats(Tensor(clips.mean, [3]), order: nil))
        let scale = graph.constant(
            "normalise/scale", .floats(Tensor(clips.deviation.map { 1 / $0 }, [3]), order: nil))
        let centred = graph.node("Sub", [input, mean], in: "normalise")
        let scaled = graph.node("Mul", [centred, scale], in: "normalise")
        return (graph, scaled)
    }
}
