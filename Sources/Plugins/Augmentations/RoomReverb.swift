import Foundation
import Kit

/// The sound in a room.
final class RoomReverb: WaveformAugmentation {
    static let name = "room_reverb"
    static let summary =
        "Convolves a track's sound with a room's impulse response, recorded or made of decaying noise; its length stays."
    static let source =
        "Convolution with impulse responses, as audiomentations ApplyImpulseResponse; decaying noise after Moorer 1979 (About this reverberation business)."

    /// What the sound in the room is scaled to.
    enum Loudness: String, ChoiceOption { case kept, peak }

    @Param("An impulse response as a sound file, or a folder of them; nil makes one for each clip.", from: .ours)
    var path: String? = nil
    @Param("Least time in which the room made falls silent by 60 dB.", in: 0.01...10, unit: "s", from: .ours)
    var least: Double = 0.1
    @Param("Greatest time in which the room made falls silent by 60 dB.", in: 0.01...10, unit: "s", from: .ours)
    var greatest: Double = 0.8
    @Param("Energy of the direct sound to that of the room made.", in: -40...60, unit: "dB", from: .ours)
    var direct: Double = 3
    @Param(
        "kept: the root mean square that the sound had; peak: 0.5 at the greatest sample, the tail that is cut off counted, as audiomentations does.",
        from: .ours)
    var loudness: Loudness = .kept
    @Param("Chance that a track is changed.", in: 0...1, from: .ours) var chance: Double = 0.5

    private var shelf: SoundShelf?

    func validate() throws {
        guard least <= greatest else {
            throw KitError.usage("option 'least' must be at most 'greatest' (\(greatest)), but is \(least)")
        }
        shelf = try path.map { try SoundShelf($0) }
    }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        guard random.uniform(0, 1) < chance, waveform.count > 0 else { return }
        let impulse =
            try shelf.map { try $0.sound(random.index(below: $0.count), sampleRate: waveform.sampleRate) }
            ?? room(channels: waveform.channels, sampleRate: waveform.sampleRate, &random)
        let wet = waveform.convolved(with: impulse.fitted(channels: waveform.channels), tail: true)
        let heard = wet.fitted(to: waveform.count)
        let (wanted, now) =
            loudness == .kept
            ? (Waveform.level(waveform.values), Waveform.level(heard.values))
            : (0.5, Double(wet.values.reduce(0) { max($0, abs($1)) }))
        guard now > 1e-9 else { return }
        waveform = heard
        for index in waveform.values.indices { waveform.values[index] *= Float(wanted / now) }
    }

    /// The direct sound, then noise that falls by 60 dB in a random time, other noise in each channel.
    func room(channels: Int, sampleRate: Int, _ random: inout RandomStream) -> Waveform {
        let seconds = random.uniform(least, greatest)
        let count = max(2, Int(seconds * Double(sampleRate)))
        var impulse = Waveform(channels: channels, count: count, sampleRate: sampleRate)
        for channel in 0..<channels {
            let tail = (1..<count).map { place -> Double in
                let decay: Double = pow(10, -3 * Double(place) / Double(count))
                return Double(random.normal()) * decay
            }
            let energy = tail.reduce(0) { $0 + $1 * $1 }
            let scale = (pow(10, -direct / 10) / max(energy, 1e-30)).squareRoot()
            impulse.values[channel * count] = 1
            for (place, value) in tail.enumerated() {
                impulse.values[channel * count + 1 + place] = Float(value * scale)
            }
        }
        return impulse
    }
}

extension Waveform {
    /// As many channels as are wanted, or the first alone for all of them.
    fileprivate func fitted(channels wanted: Int) -> Waveform {
        guard channels != wanted, channels != 1 else { return self }
        return Waveform(channels: 1, count: count, sampleRate: sampleRate, values: Array(self[channel: 0]))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RoomReverb.self) }
