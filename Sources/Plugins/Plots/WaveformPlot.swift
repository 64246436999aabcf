import Kit

/// A sound over time.
final class WaveformPlot: PlotFunction {
    static let name = "waveform"
    static let summary =
        "A sound [samples] or [samples, channels], as the range of samples in each column of pixels."

    @Param("The sound; several channels are drawn over each other.", positional: true) var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("Samples per second; nil counts samples.", unit: "Hz", from: .ours) var sampleRate: Double? = nil
    @Param("Width of the chart.", in: 160...8192, unit: "px", from: .ours) var width: Int = 640
    @Param("Height of the chart.", in: 120...8192, unit: "px", from: .ours) var height: Int = 240

    init() {}

    func drawing() throws -> Drawing {
        try checkAboveZero("sample_rate", sampleRate)
        let sound = try x.tensor(rank: 2, expected: "[samples] or [samples, channels]")
        let (count, channels) = (sound.shape[0], sound.shape[1])
        let values = sound.values
        let length = sampleRate.map { Double(count) / $0 } ?? Double(count)
        let columns = min(count, width)
        let marks = (0..<min(channels, 8)).map { channel in
            let strokes = (0..<columns).map { column in
                let from = column * count / columns
                let part = (from..<max(from + 1, (column + 1) * count / columns)).map {
                    Double(values[$0 * channels + channel])
                }.filter(\.isFinite)
                let place = (Double(column) + 0.5) / Double(columns) * length
                return (x: place, low: part.min() ?? .nan, high: part.max() ?? .nan)
            }
            return Figure.Mark.strokes(strokes, ColourScale.distinct(channel))
        }
        let peak = values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let limit = peak > 0 ? Double(peak) : 1
        return .figure(
            Figure(
                x: .init(sampleRate == nil ? "sample" : "time (s)", 0...length), y: .init("level", -limit...limit),
                marks, width: width, height: height))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WaveformPlot.self) }
