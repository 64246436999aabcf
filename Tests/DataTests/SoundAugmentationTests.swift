import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Augmentations of sound before its spectrogram is computed.
@Suite struct SoundAugmentationTests {
    private func make(_ name: String, _ options: [(String, OptionValue)] = []) throws -> any WaveformAugmentation {
        let named = options.map { (key: $0.0, value: $0.1) }
        return try #require(
            try PluginRegistry.shared.make(kind: "augmentation", name: name, options: Options(named: named))
                as? any WaveformAugmentation)
    }

    /// [channels, samples] or [samples] as sound.
    private func sound(_ tensor: Tensor, rate: Int = 8000) -> Waveform {
        let (channels, count) = tensor.shape.rank == 1 ? (1, tensor.shape[0]) : (tensor.shape[0], tensor.shape[1])
        return Waveform(channels: channels, count: count, sampleRate: rate, values: tensor.values)
    }

    /// With bounds that leave nothing to chance.
    private func fixed(_ value: Double, _ more: [(String, OptionValue)] = []) -> [(String, OptionValue)] {
        [("min", .number(value)), ("max", .number(value)), ("probability", .int(1))] + more
    }

    @Test func shiftsAreAudiomentations() throws {
        try Oracle("augmentations").check("time_shift", within: 1e-6) { each in
            let rollover = OptionValue.bool(try each.bool("rollover"))
            let shift = try make("time_shift", fixed(try each.number("part"), [("rollover", rollover)]))
            var (random, waveform) = (RandomStream(seed: 1), sound(each["x"]))
            try shift.apply(to: &waveform, &random)
            return Tensor(waveform.values, each["x"].shape)
        }
    }

    @Test func noiseIsAddedAsInAudiomentations() throws {
        try Oracle("augmentations").check("background_noise", within: 1e-5) { each in
            var waveform = sound(each["x"])
            waveform.mix(sound(each["noise"]), from: 0, ratio: try each.number("ratio"))
            return Tensor(waveform.values, each["x"].shape)
        }
    }

    @Test func convolutionIsTorchaudios() throws {
        try Oracle("augmentations").check("convolved", within: 2e-6) { each in
            Tensor(sound(each["x"]).convolved(with: sound(each["impulse"])).values, each["x"].shape)
        }
    }

    @Test func roomsAreAudiomentationsAtItsLoudness() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("room.wav").path
            try Oracle("augmentations").check("room_reverb", within: 1e-5) { each in
                try sound(each["impulse"]).write(path)
                let room = try make(
                    "room_reverb", [("path", .string(path)), ("loudness", .string("peak")), ("probability", .int(1))])
                var (random, waveform) = (RandomStream(seed: 1), sound(each["x"]))
                try room.apply(to: &waveform, &random)
                return Tensor(waveform.values, each["x"].shape)
            }
        }
    }

    @Test func gainIsAudiomentations() throws {
        try Oracle("augmentations").check("gain", within: 1e-6) { each in
            let level = OptionValue.number(try each.number("decibels"))
            let gain = try make("gain", [("min", level), ("max", level)])
            var (random, waveform) = (RandomStream(seed: 1), sound(each["x"]))
            try gain.apply(to: &waveform, &random)
            return Tensor(waveform.values, each["x"].shape)
        }
    }

    @Test func oneImpulseResponseServesAllChannels() throws {
        let two = sound(Pattern.tensor("sound", [2, 50]))
        let one = sound(Pattern.tensor("impulse", [1, 20]))
        let both = Waveform(channels: 2, count: 20, sampleRate: 8000, values: one.values + one.values)
        #expect(two.convolved(with: one) == two.convolved(with: both))
    }

    @Test func pitchIsShiftedAsInTorchaudio() throws {
        // In float32 torchaudio itself is 2e-4 off what it says in float64.
        try Oracle("augmentations").check("pitch_shift", within: 5e-4) { each in
            let shifted = try sound(each["x"]).pitchShifted(
                semitones: Double(each.int("semitones")), fftSize: try each.int("fft_size"))
            return Tensor(shifted.values, each["x"].shape)
        }
    }

    /// The resampler alone, whose answer no phase decides.
    @Test func resamplingIsTorchaudios() throws {
        try Oracle("augmentations").check("resample", within: 1e-6) { each in
            let resampled = sound(each["x"]).interpolated(from: try each.int("from"), to: try each.int("to"))
            return Tensor(resampled.values, [2, resampled.count])
        }
    }

    @Test func anOctaveUpDoublesTheFrequencyAndKeepsTheLength() throws {
        let shift = try make("pitch_shift", fixed(12))
        var tone = Waveform(channels: 2, count: 16000, sampleRate: 16000)
        for index in tone.values.indices {
            tone.values[index] = Float(sin(2 * .pi * 440 * Double(index % 16000) / 16000))
        }
        var random = RandomStream(seed: 1)
        try shift.apply(to: &tone, &random)
        #expect(tone.channels == 2 && tone.count == 16000 && tone.sampleRate == 16000)
        let middle = tone[channel: 1].dropFirst(4000).prefix(8000)
        let rises = zip(middle, middle.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(rises - 440) <= 2, "\(rises) periods in half a second")
    }

    @Test func aRoomMadeFallsSilentInItsTimeAndKeepsTheLoudness() throws {
        let room = try make("room_reverb", fixed(0.25, [("direct", .int(0))]))
        // A click shows the response itself.
        var click = Waveform(channels: 1, count: 8000, sampleRate: 16000)
        click.values[0] = 1
        var random = RandomStream(seed: 3)
        try room.apply(to: &click, &random)
        let energy = click.values.map { Double($0 * $0) }
        #expect(abs(energy.reduce(0, +) - 1) < 1e-3)
        // Direct sound and the rest have the same energy; after 0.25 s there is nothing.
        let isSilent = energy[4001...].allSatisfy { $0 < 1e-10 }
        #expect(abs(energy[0] - 0.5) < 1e-3 && isSilent)
        // 30 dB in half the time: a fifth of the room's time later there are 12 dB less.
        let levels = [1, 801, 1601, 2401].map { start -> Double in energy[start..<start + 800].reduce(0, +) }
        for (one, next) in zip(levels, levels.dropFirst()) {
            let fall: Double = 10 * log10(one / next)
            #expect(abs(fall - 12) < 2, "\(levels)")
        }
    }

    @Test func recordedRoomsAndNoisesAreReadOnceAndMixed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("noise.wav").path
            try SoundFiles.write(path, seconds: 0.5, pitch: 1000, amplitude: 0.5, sampleRate: 16000)
            for place in [path, folder.path] {
                let noise = try make("background_noise", fixed(6, [("path", .string(place))]))
                var waveform = Waveform(channels: 2, count: 16000, sampleRate: 16000)
                for index in waveform.values.indices {
                    waveform.values[index] = Float(sin(Double(index % 16000) * 0.03))
                }
                let before = waveform.values
                var random = RandomStream(seed: 4)
                try noise.apply(to: &waveform, &random)
                let added = zip(waveform.values, before).map { $0 - $1 }
                let ratio: Double = 20 * log10(Waveform.level(before) / Waveform.level(added))
                #expect(abs(ratio - 6) < 0.01, "\(ratio) dB")
            }
            let room = try make("room_reverb", [("path", .string(path)), ("probability", .int(1))])
            var click = Waveform(channels: 2, count: 4000, sampleRate: 8000)
            (click.values[0], click.values[4000]) = (1, 1)
            var random = RandomStream(seed: 5)
            try room.apply(to: &click, &random)
            // Resampled to the sound's rate: the tone is there, at the click's loudness.
            let rises = zip(click[channel: 0], click[channel: 0].dropFirst()).count { $0 < 0 && $1 >= 0 }
            let level = Waveform.level(click.values)
            #expect(abs(rises - 500) <= 3)
            #expect(abs(level - (1.0 / 4000).squareRoot()) < 1e-5)
        }
    }

    @Test func silenceAndEmptySoundPassThrough() throws {
        for name in PluginRegistry.shared.names(of: "augmentation") {
            let plugin = try PluginRegistry.shared.find(kind: "augmentation", name: name)
            let options = plugin.options
            guard plugin.type is any WaveformAugmentation.Type, options.allSatisfy({ $0.param.isSet }) else {
                continue
            }
            let hasProbability = options.contains { $0.name == "probability" }
            let change = try make(name, hasProbability ? [("probability", .int(1))] : [])
            for count in [0, 1, 7, 900] {
                var waveform = Waveform(channels: 2, count: count, sampleRate: 4000)
                var random = RandomStream(seed: 6)
                try change.apply(to: &waveform, &random)
                #expect(waveform.channels == 2 && waveform.count == count && waveform.sampleRate == 4000, "\(name)")
                let isSilent = waveform.values.allSatisfy { $0 == 0 }
                #expect(isSilent, "\(name)")
            }
        }
    }

    @Test func badParametersAreRefused() throws {
        for (name, options, words) in [
            (
                "time_shift", [("min", OptionValue.number(0.5)), ("max", .number(0.1))],
                "'min' must be at most"
            ),
            ("pitch_shift", [("min", .int(3)), ("max", .int(-3))], "'min' must be at most"),
            ("pitch_shift", [("fft_size", .int(102))], "'fft_size' must be a multiple of 4, but is 102"),
            ("room_reverb", [("path", .string("/nowhere"))], "there is no file or folder '/nowhere'"),
            ("background_noise", [("path", .string("/nowhere"))], "there is no file or folder '/nowhere'"),
            ("background_noise", [], "option 'path' (string) is required"),
        ] as [(String, [(String, OptionValue)], String)] {
            let error = #expect(throws: KitError.self) { try make(name, options) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        try Fixtures.withTemporaryFolder { folder in
            let empty = #expect(throws: KitError.self) {
                try make("background_noise", [("path", .string(folder.path))])
            }
            #expect(empty?.message.contains("there are no sounds in") == true)
        }
    }
}
