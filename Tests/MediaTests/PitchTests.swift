import Kit
import TestSupport
import Testing

@Suite struct PitchTests {
    @Test(arguments: [70.0, 110, 165.5, 233, 410]) func aVoicesPitchIsFound(pitch: Double) throws {
        var sound = Voice.buzz(1, pitch: pitch)
        let noise = TestFilm.noise(seconds: 1)
        for index in sound.values.indices { sound.values[index] += 0.01 * noise.values[index] }
        let found = try #require(try sound.medianPitch())
        #expect(abs(found / pitch - 1) < 0.01, "\(found)")
    }

    @Test func noiseAndSilenceHaveNone() throws {
        #expect(try Waveform(channels: 1, count: 48_000, sampleRate: 48_000).medianPitch() == nil)
        var random = RandomStream(seed: 1)
        let noise = (0..<48_000).map { _ in random.uniform() - 0.5 }
        #expect(try Waveform(channels: 1, count: 48_000, sampleRate: 48_000, values: noise).medianPitch() == nil)
    }
}
