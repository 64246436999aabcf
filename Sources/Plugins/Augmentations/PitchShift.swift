import Kit

/// Makes sound higher or lower.
final class PitchShift: WaveformAugmentation {
    static let name = "pitch_shift"
    static let summary =
        "Raises or lowers a track's pitch by a random number of semitones at the same speed, by a phase vocoder and resampling."
    static let reference = "Usual in audio training; torchaudio pitch_shift."

    @Param(
        "Lowest shift; negative values lower the pitch.", in: -12...12, unit: "semitones", from: .inferred, was: "least"
    ) var min: Double =
        -4
    @Param("Highest shift.", in: -12...12, unit: "semitones", from: .inferred, was: "greatest") var max: Double = 4
    @Param("Samples of the vocoder's frames, a multiple of 4.", in: 64...16384, from: .inferred) var fftSize: Int = 512
    @Param("Probability that a track is changed.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
        guard fftSize % 4 == 0 else {
            throw KitError.usage("option 'fft_size' must be a multiple of 4, but is \(fftSize)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard random.uniform(0, 1) < probability else { return }
        waveform = try waveform.pitchShifted(semitones: random.uniform(min, max), fftSize: fftSize)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PitchShift.self) }
