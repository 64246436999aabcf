import Foundation
import Kit
import Testing

@Suite struct LoudnessTests {
    /// EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS loud.
    @Test(arguments: [-23.0, -33, -6]) func aSineIsAsLoudAsTheStandardSays(level: Double) throws {
        for seconds in [0.15, 0.5, 3.03] {
            let amplitude = Float(pow(10, level / 20))
            let count = Int(seconds * 48_000)
            let wave = (0..<count).map { amplitude * Float(sin(2 * .pi * 1000 * Double($0) / 48_000)) }
            let sound = Waveform(channels: 2, count: count, sampleRate: 48_000, values: wave + wave)
            let loudness = try sound.loudness()
            #expect(abs(try #require(loudness.integrated) - level) < 0.2, "\(seconds) s: \(loudness)")
            #expect(abs(try #require(loudness.truePeak) - level) < 0.2, "\(seconds) s: \(loudness)")
        }
    }

    @Test func silenceHasNoLoudness() throws {
        let loudness = try Waveform(channels: 2, count: 4800, sampleRate: 48_000).loudness()
        #expect(loudness.integrated == nil && loudness.truePeak == nil)
    }
}
