import Foundation
import Kit

/// Makes sound louder or softer.
final class Gain: WaveformAugmentation {
    static let name = "gain"
    static let summary =
        "Multiplies a track's sound by a random gain, the same for all its channels; nothing is clipped."
    static let source = "Usual in audio training; audiomentations Gain."

    @Param("Least gain.", in: -120...120, unit: "dB", from: .ours) var least: Double = -6
    @Param("Greatest gain.", in: -120...120, unit: "dB", from: .ours) var greatest: Double = 6

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) {
        let factor = Float(pow(10, random.uniform(least, greatest) / 20))
        for index in waveform.values.indices { waveform.values[index] *= factor }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Gain.self) }
