import Kit

/// Adds another sound in the background.
final class BackgroundNoise: WaveformAugmentation {
    static let name = "background_noise"
    static let summary =
        "Mixes a random segment of another sound, such as another film's, into a track at a random signal-to-noise ratio."
    static let reference = "Usual in audio training; audiomentations AddBackgroundNoise."

    @Param("A sound file, or a folder of sounds and films; the first minute of each is used.") var path: String
    @Param("Lowest signal-to-noise ratio.", in: -60...120, unit: "dB", from: .inferred, was: "least") var min: Double =
        3
    @Param("Highest signal-to-noise ratio.", in: -60...120, unit: "dB", from: .inferred, was: "greatest") var max:
        Double = 30
    @Param("Probability that a track is mixed with another sound.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    private var library: SoundLibrary?

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
        library = try SoundLibrary(path)
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard let library, random.uniform(0, 1) < probability, waveform.count > 0 else { return }
        let noise = try library.sound(random.index(below: library.count), sampleRate: waveform.sampleRate)
        let start = random.index(below: Swift.max(1, noise.count - waveform.count + 1))
        waveform.mix(noise, from: start, ratio: random.uniform(min, max))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BackgroundNoise.self) }
