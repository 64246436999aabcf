import Kit

/// A log-mel spectrogram.
final class SpectrogramPlot: PlotFunction {
    static let name = "spectrogram"
    static let summary = "A spectrogram [time, mel] or [time, mel, channels]: time to the right, frequency upwards."

    @Param("The spectrogram; for several channels, their mean is drawn.", positional: true) var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("Seconds between frames; nil counts frames.", unit: "s", from: .ours) var step: Double? = nil
    @Param("Width of the chart.", in: 160...8192, unit: "px", from: .ours) var width: Int = 640
    @Param("Height of the chart.", in: 120...8192, unit: "px", from: .ours) var height: Int = 320

    init() {}

    func drawing() throws -> Drawing {
        try checkAboveZero("step", step)
        let levels = try x.tensor(rank: 3, expected: "[time, mel] or [time, mel, channels]")
        let (frames, mels) = (levels.shape[0], levels.shape[1])
        let values = try levels.mean([2]).values
        // The quietest twentieth is drawn as silence.
        let sorted = values.filter(\.isFinite).sorted()
        let low = Double(sorted.isEmpty ? 0 : sorted[sorted.count / 20])
        let span = max(Double(sorted.last ?? 1) - low, .leastNormalMagnitude)
        var image = Frames(count: 1, height: mels, width: frames)
        for frame in 0..<frames {
            for mel in 0..<mels {
                let colour = ColourScale.colour((Double(values[frame * mels + mel]) - low) / span)
                let pixel = ((mels - 1 - mel) * frames + frame) * 3
                image.values.replaceSubrange(pixel..<pixel + 3, with: [colour.red, colour.green, colour.blue])
            }
        }
        let seconds = step.map { $0 * Double(frames) }
        return .figure(
            Figure(
                x: .init(step == nil ? "frame" : "time (s)", 0...(seconds ?? Double(frames))),
                y: .init("mel band", 0...Double(mels)), [.image(image)], width: width, height: height))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SpectrogramPlot.self) }
