import Foundation
import Kit
import TestSupport
import Testing

/// Sound of more than two channels is softer in the kit's mix to stereo than in its own channels.
@Suite struct MixingLossTests {
    /// A sine in one channel: BS.775 mixes the centre and the surrounds with 1/√2, divided by 1 + √2, into one or two
    /// channels; BS.1770 weighs surrounds by 1.41.
    @Test(arguments: [
        (channels: 6, heard: 0, loss: 20 * log10(1 + 2.0.squareRoot())),
        (6, 2, 20 * log10(1 + 2.0.squareRoot())),
        (6, 4, 20 * log10(2 + 2.0.squareRoot()) + 10 * log10(1.41)),
        (1, 0, nil), (2, 0, nil),
    ])
    func isThatOfTheStandards(channels: Int, heard: Int, loss: Double?) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mka").path
            var sound = FilmWriter.Sound()
            (sound.codec, sound.channels) = (.flac, channels)
            let writer = try FilmWriter(path, sounds: [sound])
            let count = 96_000
            var wave = Waveform(channels: channels, count: count, sampleRate: 48_000)
            for index in 0..<count {
                wave.values[heard * count + index] = 0.1 * Float(sin(2 * .pi * 1000 * Double(index) / 48_000))
            }
            try writer.write(sound: wave, track: 0)
            try writer.finish()
            let file = try MediaFile(path)
            let found = try file.mixingLoss(of: file.audioTracks[0])
            #expect((found == nil) == (loss == nil))
            if let found, let loss { #expect(abs(found - loss) < 0.11, "\(found)") }
        }
    }
}
