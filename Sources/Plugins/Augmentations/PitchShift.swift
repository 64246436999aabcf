import Kit

/// Makes sound higher or lower.
final class PitchShift: WaveformAugmentation {
    static let name = "pitch_shift"
    static let summary =
        "Raises or lowers a track's pitch by a random number of semitones at the same speed, by a phase vocoder and resampling."
    static let source = "Usual in audio training; torchaudio pitch_shift."

    @Param("Least shift; below 0 it gets lower.", in: -12...12, unit: "semitones", from: .inferred) var least: Double =
        -4
    @Param("Greatest shift.", in: -12...12, unit: "semitones", from: .inferred) var greatest: Double = 4
    @Param("Samples of the vocoder's frames, a multiple of 4.", in: 64...16384, from: .inferred) var fftSize: Int = 512
    @Param("Chance that a track is changed.", in: 0...1, from: .inferred) var chance: Double = 0.5

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
        guard fftSize % 4 == 0 else {
            throw KitError.usage("option 'fft_size' must be a multiple of 4, but is \(fftSize)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard random.uniform(0, 1) < chance else { return }
        waveform = try waveform.pitchShifted(semitones: random.uniform(least, greatest), fftSize: fftSize)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PitchShift.self) }
