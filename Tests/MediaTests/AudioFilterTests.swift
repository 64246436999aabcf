import Kit
import TestSupport
import Testing

@Suite struct AudioFilterTests {
    @Test func aFilterThatChangesNothingGivesTheSound() throws {
        let sound = TestFilm.noise(seconds: 0.7, channels: 3)
        #expect(try sound.filtered("anull") == sound)
        let pieces = try AudioFilter("anull", sampleRate: 48_000, channels: 3)
        let parts = try [0..<100, 100..<100, 100..<sound.count].map { try pieces.filter(sound.part($0)) }
        #expect(Waveform(joining: parts + [try pieces.finish()]) == sound)
    }

    @Test(arguments: [0.5, 0.8, 1.7]) func tempoChangesTheLengthAndNotThePitch(tempo: Double) throws {
        let sound = Voice.buzz(2, pitch: 140)
        let fitted = try sound.filtered("rubberband=tempo=\(tempo)")
        #expect(abs(fitted.duration * tempo / sound.duration - 1) < 0.05, "\(fitted.duration)")
        let pitch = try #require(try fitted.medianPitch())
        #expect(abs(pitch / 140 - 1) < 0.01, "\(pitch)")
    }

    @Test(arguments: [
        ("rubberbnd=tempo=2", "No such filter: 'rubberbnd'"), ("volume=volumes=2", "volumes"),
        ("", "No such filter: ''"),
        ("volume=2[a]", "not connected"), ("apad", "more than 100 times as long"),
    ])
    func mistakesAreNamed(filters: String, expected: String) throws {
        let error = #expect(throws: KitError.self) { try TestFilm.noise(seconds: 0.1).filtered(filters) }
        #expect(error?.kind == .usage && error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
