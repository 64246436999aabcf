import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// SI-SDR and SDR against fast_bss_eval: Tests/Oracle/sound_metrics.py.
@Suite struct SoundMetricTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            let gain, echo, noise, spoiled: Double
            let si_sdr, si_sdr_zero_mean, sdr, sdr_32: Double
        }
        let samples: Int
        let cases: [Case]
    }

    private func metric(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any SoundMetric {
        let made = try PluginRegistry.shared.make(kind: "metric", name: name, options: Options(named: options))
        return try #require(made as? any SoundMetric)
    }

    /// The formula of the script.
    private func sounds(_ number: Int, _ each: Reference.Case, _ samples: Int) -> (reference: Tensor, estimate: Tensor)
    {
        let white = Pattern.tensor("reference \(number)", [samples]).values.map(Double.init)
        var reference = white
        for n in 1..<samples { reference[n] = 0.8 * reference[n - 1] + white[n] + 0.02 }
        let noise = Pattern.tensor("noise \(number)", [samples]).values.map(Double.init)
        let estimate = (0..<samples).map { n -> Double in
            let late = n < 37 ? 0 : reference[n - 37]
            let linear = each.gain * reference[n] + each.echo * late + each.noise * noise[n]
            return linear + each.spoiled * reference[n] * reference[n]
        }
        return (Tensor(reference.map(Float.init), [samples]), Tensor(estimate.map(Float.init), [samples]))
    }

    @Test func equalFastBSSEval() throws {
        let data = try Data(contentsOf: Fixtures.folder().appendingPathComponent("sound_metrics.json"))
        let reference = try JSONDecoder().decode(Reference.self, from: data)
        #expect(reference.cases.count == 4)
        for (number, each) in reference.cases.enumerated() {
            let (truth, estimate) = sounds(number, each, reference.samples)
            for (name, options, expected) in [
                ("si_sdr", [], each.si_sdr), ("si_sdr", [("zero_mean", .bool(true))], each.si_sdr_zero_mean),
                ("sdr", [], each.sdr), ("sdr", [("filter_length", .int(32))], each.sdr_32),
            ] as [(String, [(key: String, value: OptionValue)], Double)] {
                let value = try metric(name, options).mean(estimate, truth)
                #expect(abs(value - expected) < 1e-6, "\(name) \(options), case \(number): \(value), \(expected)")
            }
        }
    }

    @Test func channelsAreAveraged() throws {
        let (a, b) = (Pattern.tensor("a", [900]), Pattern.tensor("b", [900]))
        let estimates = try [a + b * 0.3, b + a * 0.7]
        for name in ["si_sdr", "sdr"] {
            let metric = try metric(name)
            let stereo = try metric.mean(Tensor.stack(estimates, axis: 1), Tensor.stack([a, b], axis: 1))
            let alone = try (metric.mean(estimates[0], a) + metric.mean(estimates[1], b)) / 2
            #expect(abs(stereo - alone) < 1e-9)
        }
    }

    @Test func perfectAndEmptyEstimates() throws {
        let a = Pattern.tensor("a", [600])
        // A power of two changes no digit.
        #expect(try metric("si_sdr").mean(a * 4, a) > 140)
        #expect(try metric("sdr").mean(a, a) > 140)
        #expect(try metric("si_sdr").mean(.zeros([600]), a) == -.infinity)
        #expect(try metric("sdr").mean(.zeros([600]), a) == -.infinity)
    }

    @Test func whatIsNotDefinedIsLeftOutOfTheMean() throws {
        let (a, b) = (Pattern.tensor("a", [900]), Pattern.tensor("b", [900]))
        let (estimate, silence) = (try a + b * 0.3, Tensor.zeros([900]))
        for name in ["si_sdr", "sdr"] {
            let metric = try metric(name)
            let alone = try metric.mean(estimate, a)
            let stereo = try metric.mean(Tensor.stack([estimate, b], axis: 1), Tensor.stack([a, silence], axis: 1))
            #expect(stereo == alone)
            for (estimates, references, text) in [
                ([a, b], [silence, silence], "every channel of the reference is silent: not defined")
            ] {
                let error = #expect(throws: KitError.self) {
                    try metric.mean(Tensor.stack(estimates, axis: 1), Tensor.stack(references, axis: 1))
                }
                #expect(error?.kind == .badData && error?.message.contains(text) == true)
            }
        }
        // A sound that is its own mean has none without it.
        let error = #expect(throws: KitError.self) {
            try metric("si_sdr", [("zero_mean", .bool(true))]).mean(a, Tensor.ones([900]))
        }
        #expect(error?.message.contains("the reference is constant") == true)
        // The two infinities have no mean.
        let unit = Tensor([1, 0, 0, 0], [4])
        let both = #expect(throws: KitError.self) {
            try metric("si_sdr").mean(
                Tensor.stack([unit, Tensor.zeros([4])], axis: 1), Tensor.stack([unit, unit], axis: 1))
        }
        #expect(both?.message.contains("the mean is not defined") == true)
    }

    @Test func wrongInputIsNamed() throws {
        let a = Pattern.tensor("a", [600])
        for name in ["si_sdr", "sdr"] {
            let metric = try metric(name)
            for (estimate, reference, text) in [
                (a, Tensor.zeros([600]), "channel 1 of the reference is silent"),
                (a, Tensor.ones([500]), "of one shape, but they are [600] and [500]"),
                (Tensor(repeating: .nan, [600]), a, "NaN or infinity in the estimate"),
            ] {
                let error = #expect(throws: KitError.self) { try metric.mean(estimate, reference) }
                #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
            }
        }
    }
}
