import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SISDR.self) }

/// The energy of the reference, scaled to fit the estimate, divided by the energy of the difference.
final class SISDR: SoundMetric {
    static let name = "si_sdr"
    static let summary =
        "Scale-invariant signal-to-distortion ratio of an estimate, in dB: everything except the reference, at any loudness, "
        + "is distortion. Infinite for a perfect estimate, minus infinity for a silent one; not defined for a silent reference."
    static let reference = "Le Roux et al. 2019, SDR: half-baked or well done; as fast_bss_eval's si_sdr."

    @Param("Whether to subtract the mean from both sounds first.", from: .inferred) var zeroMean: Bool = false

    init() {}

    func score(_ estimate: [Double], _ reference: [Double]) throws -> Double {
        let (x, y) = zeroMean ? (Self.centred(reference), Self.centred(estimate)) : (reference, estimate)
        let energies = (SignalProducts.sum(x, x), SignalProducts.sum(y, y))
        guard energies.0 > 0 else {
            throw KitError(.badData, "\(Self.qualifiedName): the reference is constant and has no sound: not defined")
        }
        guard energies.1 > 0 else { return -.infinity }
        let product = SignalProducts.sum(x, y)
        // The squared cosine of the angle between the two.
        return SignalProducts.decibels(coherence: product * product / (energies.0 * energies.1))
    }

    private static func centred(_ sound: [Double]) -> [Double] {
        let mean = sound.reduce(0, +) / Double(sound.count)
        return sound.map { $0 - mean }
    }
}
