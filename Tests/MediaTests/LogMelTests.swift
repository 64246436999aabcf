import Foundation
import Kit
import TestSupport
import Testing

/// Log-mel spectrograms against torchaudio (Tests/Oracle/mel.py).
@Suite(.serialized, .alone("the instruction set")) struct LogMelTests {
    private struct Reference: Decodable {
        struct Settings: Decodable {
            var sampleRate, fftSize, hop, mels: Int
            var isCentred, isAreaNormalised, decibel, isMono: Bool
            var lowest, highest: Double
            var scale: String
        }
        var name: String
        var settings: Settings
        var shape: [Int]
        var values: [Float]
    }

    /// The sound of the script: noise that fades by 40 dB, and two tones.
    private static func sound() -> Waveform {
        let count = 6000
        let noise = Pattern.tensor("mel", [2, count])
        var sound = Waveform(channels: 2, count: count, sampleRate: 48_000)
        for i in 0..<2 * count {
            let (sample, time) = (Double(i % count), Double(i % count) / 48_000)
            let tones = 0.1 * sin(2 * .pi * 440 * time) + 0.01 * sin(2 * .pi * 9000 * time)
            sound.values[i] = Float(0.3 * Double(noise.pointer[i]) * pow(10, -2 * sample / Double(count)) + tones)
        }
        return sound
    }

    @Test func equalsTorchaudioOnEveryInstructionSet() throws {
        let data = try Data(contentsOf: Fixtures.folder().appendingPathComponent("mel.json"))
        let references = try JSONDecoder().decode([Reference].self, from: data)
        #expect(references.count == 6)
        for it in references {
            var settings = LogMel.Settings()
            settings.sampleRate = it.settings.sampleRate
            settings.fftSize = it.settings.fftSize
            settings.hop = it.settings.hop
            settings.isCentred = it.settings.isCentred
            settings.mels = it.settings.mels
            settings.lowest = it.settings.lowest
            settings.highest = it.settings.highest
            settings.scale = try #require(MelScale(rawValue: it.settings.scale))
            settings.isAreaNormalised = it.settings.isAreaNormalised
            settings.level = it.settings.decibel ? .decibel(floor: 1e-10) : .natural(offset: 1e-6)
            settings.isMono = it.settings.isMono
            if it.name == "v1" { #expect(settings == .v1) }
            let sound = Self.sound()
            let given = Waveform(
                channels: 2, count: sound.count, sampleRate: settings.sampleRate, values: sound.values)
            let logMel = try LogMel(settings)
            #expect(logMel.shape(channels: 2, samples: sound.count).extents == it.shape)
            try InstructionSet.forEachAvailable { name in
                let worst = zip(try logMel(given), it.values).map { abs($0 - $1) }.max()!
                // A decibel is ln(10) / 10 of a natural logarithm.
                #expect(worst < (it.settings.decibel ? 4.3e-4 : 1e-4), "\(it.name) on \(name): \(worst)")
            }
        }
    }

    @Test func presetsHaveTheStatedSizes() throws {
        #expect(try LogMel(.v1).shape(channels: 2, samples: 144_000) == [280, 96, 2])
        #expect(try LogMel(.v2).shape(channels: 2, samples: 144_000) == [288, 96, 2])
        #expect(try LogMel(.v2Mono).shape(channels: 2, samples: 144_000) == [288, 96, 1])
    }

    @Test func anotherRateOrTooShortASoundIsAnError() throws {
        let logMel = try LogMel()
        #expect(throws: KitError.self) { try logMel(Waveform(channels: 1, count: 4800, sampleRate: 44_100)) }
        #expect(throws: KitError.self) { try logMel(Waveform(channels: 1, count: 1000, sampleRate: 48_000)) }
        var settings = LogMel.Settings()
        settings.highest = 30_000
        #expect(throws: KitError.self) { try LogMel(settings) }
    }

    /// Silent bands must stay finite in the logarithm.
    @Test func notANumberStaysVisible() throws {
        var sound = TestFilm.noise(seconds: 0.1)
        sound.values[2000] = .nan
        #expect(try LogMel()(sound).contains { $0.isNaN })
    }

    @Test func bandsCoverTheirRangeWithoutGaps() throws {
        for scale in MelScale.allCases {
            let bank = try MelFilterbank(
                mels: 40, fftSize: 2048, sampleRate: 48_000, lowest: 100, highest: 20_000, scale: scale,
                isAreaNormalised: false)
            // Between the centres of the first and the last band the triangles add up to 1.
            let sums = (0..<bank.binCount).map { bin in
                (0..<40).reduce(Float(0)) { $0 + bank.weights(ofBand: $1)[bin] }
            }
            let peak = { (band: Int) in bank.weights(ofBand: band).enumerated().max { $0.element < $1.element }!.offset
            }
            for bin in peak(0) + 1..<peak(39) { #expect(abs(sums[bin] - 1) < 1e-5) }
            #expect(abs(scale.hertz(ofMel: Float(scale.mel(ofHertz: 3210))) - 3210) < 0.01)
        }
    }

    /// Frames are transformed in pairs: a loud one must not leave rounding errors in a quiet neighbour.
    @Test func quietFramesAreAsExactAsAlone() throws {
        var settings = LogMel.Settings()
        settings.hop = settings.fftSize
        settings.level = .decibel(floor: 1e-30)
        let logMel = try LogMel(settings)
        let noise = Pattern.tensor("pairs", [settings.fftSize])
        func frame(_ gain: Float) -> [Float] { noise.values.map { $0 * gain } }
        func levels(_ gains: [Float]) throws -> [Float] {
            let values = gains.flatMap(frame)
            return try logMel(Waveform(channels: 1, count: values.count, sampleRate: 48_000, values: values))
        }
        let (loud, quiet, silent) = (try levels([1]), try levels([1e-6]), try levels([0]))
        #expect(try levels([1, 1e-6]) == loud + quiet)
        #expect(try levels([1e-6, 1]) == quiet + loud)
        #expect(try levels([1, 0]) == loud + silent)
        // 20 dB apart they share a transform, to within rounding.
        let apart = zip(try levels([1, 0.1]), try loud + levels([0.1])).map { abs($0 - $1) }.max()!
        #expect(apart < 1e-3, "\(apart)")
        let broken = try levels([.nan, 1])
        #expect(Array(broken.suffix(settings.mels)) == loud)
    }
}
