import Kit

/// Shifts sound in time.
final class TimeShift: WaveformAugmentation {
    static let name = "time_shift"
    static let summary =
        "Delays or advances a track's sound by a random share of its length; samples pushed out come in at the other end."
    static let reference = "Usual in audio training; audiomentations Shift, without its fades."

    @Param(
        "Smallest shift as a share of the length; negative values advance the sound.", in: -1...1, from: .inferred,
        was: "least")
    var min: Double = -0.5
    @Param("Largest shift as a share of the length.", in: -1...1, from: .inferred, was: "greatest") var max: Double =
        0.5
    @Param("Whether samples pushed out come in at the other end; otherwise there is silence.", from: .inferred)
    var rollover: Bool = true
    @Param("Probability that a track is shifted.", in: 0...1, from: .inferred, was: "chance")
    var probability: Double = 0.5

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) {
        guard random.uniform(0, 1) < probability, waveform.count > 0 else { return }
        let part = random.uniform(min, max)
        waveform.shift(by: Int((part * Double(waveform.count)).rounded(.toNearestOrEven)), rollover: rollover)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TimeShift.self) }
