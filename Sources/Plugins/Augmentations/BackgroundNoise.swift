import Kit

/// Another sound behind the sound.
final class BackgroundNoise: WaveformAugmentation {
    static let name = "background_noise"
    static let summary =
        "Mixes a random stretch of another sound, such as another film's, into a track at a random signal-to-noise ratio."
    static let source = "Usual in audio training; audiomentations AddBackgroundNoise."

    @Param("A sound file, or a folder of sounds and films, of each of which the first minute is used.") var path: String
    @Param("Least signal-to-noise ratio.", in: -60...120, unit: "dB", from: .inferred) var least: Double = 3
    @Param("Greatest signal-to-noise ratio.", in: -60...120, unit: "dB", from: .inferred) var greatest: Double = 30
    @Param("Chance that a track is mixed with another sound.", in: 0...1, from: .inferred) var chance: Double = 0.5

    private var shelf: SoundShelf?

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
        shelf = try SoundShelf(path)
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard let shelf, random.uniform(0, 1) < chance, waveform.count > 0 else { return }
        let noise = try shelf.sound(random.index(below: shelf.count), sampleRate: waveform.sampleRate)
        let start = random.index(below: max(1, noise.count - waveform.count + 1))
        waveform.mix(noise, from: start, ratio: random.uniform(least, greatest))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BackgroundNoise.self) }
