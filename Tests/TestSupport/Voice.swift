import Foundation
import Kit

/// Sounds that stand for voices, whose truth is known.
public enum Voice {
    /// A buzz of `pitch` Hz in syllables of 0.2 s, in the middle between left and right.
    public static func buzz(_ seconds: Double, pitch: Double, level: Double = 0.05, sampleRate: Int = 48_000)
        -> Waveform
    {
        let count = Int((seconds * Double(sampleRate)).rounded())
        var sound = Waveform(channels: 2, count: count, sampleRate: sampleRate)
        for index in 0..<count {
            let time = Double(index) / Double(sampleRate)
            let buzz = (1...20).reduce(0.0) { $0 + sin(2 * .pi * pitch * Double($1) * time) / Double($1) }
            let syllable = 0.2 + 0.8 * abs(cos(.pi * time / 0.2))
            sound.values[index] = Float(level * syllable * buzz)
            sound.values[count + index] = sound.values[index]
        }
        return sound
    }
}
