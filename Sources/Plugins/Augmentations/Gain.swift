import Foundation
import Kit

/// Makes sound louder or softer.
final class Gain: WaveformAugmentation {
    static let name = "gain"
    static let summary =
        "Multiplies a track's sound by a random gain, the same for all its channels; nothing is clipped."
    static let reference = "Usual in audio training; audiomentations Gain."

    @Param("Lowest gain.", in: -120...120, unit: "dB", from: .ours, was: "least") var min: Double = -6
    @Param("Highest gain.", in: -120...120, unit: "dB", from: .ours, was: "greatest") var max: Double = 6

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) {
        let factor = Float(pow(10, random.uniform(min, max) / 20))
        for index in waveform.values.indices { waveform.values[index] *= factor }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Gain.self) }
