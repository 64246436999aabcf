import Foundation
import Kit

/// Adds the reverberation of a room.
final class RoomReverb: WaveformAugmentation {
    static let name = "room_reverb"
    static let summary =
        "Convolves a track's sound with a room's impulse response, recorded or made from decaying noise. The length does not change."
    static let reference =
        "Convolution with impulse responses, as audiomentations ApplyImpulseResponse; decaying noise after Moorer 1979 (About this reverberation business)."

    /// The loudness of the result.
    enum Loudness: String, ChoiceOption { case kept, peak, energy }

    @Param("A sound file with an impulse response, or a folder of them; nil generates one for each clip.", from: .ours)
    var path: String? = nil
    @Param("Shortest decay by 60 dB of a generated room.", in: 0.01...10, unit: "s", from: .ours, was: "least")
    var min: Double = 0.1
    @Param("Longest decay by 60 dB of a generated room.", in: 0.01...10, unit: "s", from: .ours, was: "greatest")
    var max: Double = 0.8
    @Param("Energy of the direct sound relative to that of a generated room.", in: -40...60, unit: "dB", from: .ours)
    var direct: Double = 3
    @Param(
        "kept: the root mean square of the original sound; peak: 0.5 at the largest sample, including the tail that is cut off, as in audiomentations; energy: what an impulse response with an energy of 1 makes of the sound, which is linear.",
        from: .ours)
    var loudness: Loudness = .kept
    @Param("Probability that a track is changed.", in: 0...1, from: .ours, was: "chance")
    var probability: Double = 0.5

    private var library: SoundLibrary?

    func validate() throws {
        guard min <= max else {
            throw KitError.usage("option 'min' must be at most 'max' (\(max)), but is \(min)")
        }
        library = try path.map { try SoundLibrary($0) }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard random.uniform(0, 1) < probability, waveform.count > 0 else { return }
        let impulse =
            try library.map { try $0.sound(random.index(below: $0.count), sampleRate: waveform.sampleRate) }
            ?? room(channels: waveform.channels, sampleRate: waveform.sampleRate, &random)
        let wet = waveform.convolved(with: impulse.fitted(channels: waveform.channels), tail: true)
        let heard = wet.fitted(to: waveform.count)
        let (wanted, now): (Double, Double) =
            switch loudness {
            case .kept: (Waveform.level(waveform.values), Waveform.level(heard.values))
            case .peak: (0.5, Double(wet.values.reduce(0) { Swift.max($0, abs($1)) }))
            case .energy: (1, Waveform.level(impulse.values) * Double(impulse.count).squareRoot())
            }
        guard now > 1e-9 else { return }
        waveform = heard
        for index in waveform.values.indices { waveform.values[index] *= Float(wanted / now) }
    }

    /// The direct sound, then noise that decays by 60 dB in a random time, different in each channel.
    func room(channels: Int, sampleRate: Int, _ random: inout RandomStream) -> Waveform {
        let seconds = random.uniform(min, max)
        let count = Swift.max(2, Int(seconds * Double(sampleRate)))
        var impulse = Waveform(channels: channels, count: count, sampleRate: sampleRate)
        for channel in 0..<channels {
            let tail = (1..<count).map { place -> Double in
                let decay: Double = pow(10, -3 * Double(place) / Double(count))
                return Double(random.normal()) * decay
            }
            let energy = tail.reduce(0) { $0 + $1 * $1 }
            let scale = (pow(10, -direct / 10) / Swift.max(energy, 1e-30)).squareRoot()
            impulse.values[channel * count] = 1
            for (place, value) in tail.enumerated() {
                impulse.values[channel * count + 1 + place] = Float(value * scale)
            }
        }
        return impulse
    }
}

extension Waveform {
    /// The wanted number of channels, or only the first for all of them.
    fileprivate func fitted(channels wanted: Int) -> Waveform {
        guard channels != wanted, channels != 1 else { return self }
        return Waveform(channels: 1, count: count, sampleRate: sampleRate, values: Array(self[channel: 0]))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RoomReverb.self) }
