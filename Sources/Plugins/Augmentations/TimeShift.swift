import Kit

/// Moves sound in time.
final class TimeShift: WaveformAugmentation {
    static let name = "time_shift"
    static let summary =
        "Moves a track's sound later or earlier by a random part of its length; what is pushed out comes in at the other end."
    static let source = "Usual in audio training; audiomentations Shift, without its fades."

    @Param("Least part of the length that it is moved by; below 0 it comes earlier.", in: -1...1, from: .inferred)
    var least: Double = -0.5
    @Param("Greatest part of the length that it is moved by.", in: -1...1, from: .inferred) var greatest: Double = 0.5
    @Param("What is pushed out comes in at the other end; else there is silence.", from: .inferred)
    var rollover: Bool = true
    @Param("Chance that a track is moved.", in: 0...1, from: .inferred) var chance: Double = 0.5

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < chance, waveform.count > 0 else { return }
        let part = random.uniform(least, greatest)
        waveform.shift(by: Int((part * Double(waveform.count)).rounded(.toNearestOrEven)), rollover: rollover)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TimeShift.self) }
