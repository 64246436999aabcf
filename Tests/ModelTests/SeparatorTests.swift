import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// LSTM and Open-Unmix against PyTorch and pip openunmix: Tests/Oracle/separators.py. And what all separators owe.
@Suite struct SeparatorTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any Separator {
        let plugin = try PluginRegistry.shared.make(kind: "separator", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? any Separator)
    }

    private func network(of separator: any Separator) throws -> Module {
        guard case .object(let network)? = separator.scriptProperty("network") else {
            throw KitError.usage("no network")
        }
        return try #require(network as? Module)
    }

    private func checkGradients(_ module: Module, _ each: OracleCase, _ names: [String]) throws {
        let entries = Dictionary(uniqueKeysWithValues: module.stateEntries().map { ($0.name, $0) })
        for name in names {
            let entry = try #require(entries[name], "\(name)")
            each.expect(try entry.stored(try #require(entry.tensor.grad)), "parameter.\(name)", within: 1e-4)
        }
    }

    @Test func lstmEqualsPyTorch() throws {
        let each = try Oracle("separators").cases("lstm")[0]
        var random = RandomStream(seed: 1)
        let module = LSTM(6, hidden: 5, layers: 2, isBidirectional: true, &random)
        try FormulaWeights.fill(module)
        let output = try module(each["x"])
        each.expect(output, "output.0")
        try output.backward(from: Pattern.tensor("\(each.name)/seed.0", output.shape))
        each.expect(try #require(each["x"].grad), "grad.x")
        #expect(module.stateEntries().count == 16)
        try checkGradients(module, each, module.stateEntries().map(\.name))
    }

    @Test func openUnmixEqualsItsPublicImplementation() throws {
        let each = try Oracle("separators").cases("open_unmix")[0]
        let separator = try make(
            "open_unmix",
            [
                ("fft_size", .int(128)), ("hop", .int(32)), ("hidden", .int(16)), ("layers", .int(2)),
                ("sample_rate", .int(8000)), ("bandwidth", .number(39 * 62.5)),
            ])
        let module = try network(of: separator)
        try FormulaWeights.fill(module)
        module.train(false)
        let output = try module(each["x"])
        each.expect(output, "output.0")
        try output.backward(from: Pattern.tensor("\(each.name)/seed.0", output.shape))
        try checkGradients(
            module, each, ["fc1.weight", "lstm.weight_hh_l0_reverse", "bn3.weight", "output_scale", "input_mean"])
    }

    /// From sound to sound: transform, network, phase of the mixture, transform back.
    @Test func separationsEqualPipOpenunmix() throws {
        let cases = try Oracle("separators").cases("separation")
        #expect(cases.count == 2)
        for each in cases {
            let isSpeech = try each.bool("residual")
            let separator = try make(
                "open_unmix",
                [
                    ("fft_size", .int(256)), ("hop", .int(64)), ("hidden", .int(16)), ("layers", .int(2)),
                    ("sample_rate", .int(8000)), ("bandwidth", .number(3000)),
                    ("channels", .int(try each.int("channels"))),
                    ("target", .string(isSpeech ? "speech" : "background")),
                ])
            try FormulaWeights.fill(network(of: separator))
            let estimate = try separator.separate(Waveform(each["sound"], sampleRate: 8000))
            each.expect(Tensor(estimate), "output.0", within: 1e-4)
        }
    }

    private static let all: [(name: String, options: [(key: String, value: OptionValue)])] = [
        ("center", []), ("mask_unet", [("width", .int(4))]), ("open_unmix", [("hidden", .int(8))]),
    ]

    @Test func everySeparatorIsTestedHere() {
        #expect(PluginRegistry.shared.names(of: "separator") == Self.all.map(\.name))
    }

    @Test(arguments: [8000, 44_100, 48_000]) func silenceGivesSilence(sampleRate: Int) throws {
        for (name, options) in Self.all {
            let silence = Waveform(channels: 2, count: sampleRate / 2, sampleRate: sampleRate)
            let result = try make(name, options).separate(silence)
            #expect(result == silence, "\(name)")
        }
    }

    @Test(arguments: [1, 7, 500, 9000]) func lengthAndMonoAreKept(count: Int) throws {
        for (name, options) in Self.all {
            let sound = Waveform(Pattern.tensor("mono", [count, 1]), sampleRate: 8000)
            let separator = try make(name, options)
            let result = try separator.separate(sound)
            #expect(result.channels == 2 && result.count == count && result.values.allSatisfy(\.isFinite), "\(name)")
            // Of equal channels come equal channels, unless a network was told apart left and right.
            if name == "center" { #expect(result[channel: 0].elementsEqual(result[channel: 1])) }
            let error = #expect(throws: KitError.self) {
                try separator.separate(Waveform(channels: 3, count: 10, sampleRate: 8000))
            }
            #expect(error?.message.contains("given 3 channels: mix it down first") == true)
        }
    }

    /// A voice in the middle, and knocks at the sides.
    @Test func centerTakesTheMiddleAndKeepsTheSides() throws {
        let rate = 16_000
        var sound = Waveform(channels: 2, count: 2 * rate, sampleRate: rate)
        let voice = (0..<2 * rate).map { n in
            (1...12).reduce(Float(0)) { $0 + 0.05 * Float(sin(2 * .pi * 200 * Double($1) * Double(n) / Double(rate))) }
        }
        let noise = Pattern.tensor("sides", [2 * rate], -0.1, 0.1).values
        for n in 0..<2 * rate {
            sound.values[n] = voice[n] + noise[n]
            sound.values[2 * rate + n] = voice[n] - noise[n]
        }
        let result = try make("center").separate(sound)
        let metric = try #require(
            try PluginRegistry.shared.make(kind: "metric", name: "si_sdr", options: Options()) as? any SoundMetric)
        let truth = Tensor(noise, [2 * rate])
        let left = Tensor(Array(result[channel: 0]), [2 * rate])
        #expect(try metric.mean(Tensor(Array(sound[channel: 0]), [2 * rate]), truth) < -5)
        #expect(try metric.mean(left, truth) > 10)
    }

    @Test func weightsOfAnotherShapeAreRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("w.safetensors").path
            try network(of: make("mask_unet", [("width", .int(4))])).saveWeights(to: path)
            #expect(throws: Never.self) { try make("mask_unet", [("width", .int(4)), ("weights", .string(path))]) }
            let error = #expect(throws: KitError.self) { try make("mask_unet", [("weights", .string(path))]) }
            #expect(
                error?.message.contains("these are not the weights of mask_unet") == true, "\(error?.message ?? "")")
        }
    }
}
