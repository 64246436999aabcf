import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SDR.self) }

/// The energy of the reference, filtered to fit the estimate as well as possible, divided by the energy of the
/// difference.
final class SDR: SoundMetric {
    static let name = "sdr"
    static let summary =
        "Signal-to-distortion ratio of BSS eval, in dB: an estimate may differ from its reference by a short filter. Each "
        + "channel is measured separately. Infinite for a perfect estimate, minus infinity for a silent one; not defined for a "
        + "silent reference."
    static let reference = "Vincent et al. 2006, version 3 (mir_eval's bss_eval_sources); as fast_bss_eval's sdr."

    @Param("Length of the filter.", in: 1...8192, unit: "samples", from: .inferred)
    var filterLength: Int = 512

    init() {}

    func score(_ estimate: [Double], _ reference: [Double]) throws -> Double {
        let energies = (SignalProducts.sum(reference, reference), SignalProducts.sum(estimate, estimate))
        guard energies.1 > 0 else { return -.infinity }
        let norm = energies.0.squareRoot()
        let x = reference.map { $0 / norm }
        let y = estimate.map { $0 / energies.1.squareRoot() }
        let auto = SignalProducts.correlation(x, x, lags: filterLength)
        let cross = SignalProducts.correlation(x, y, lags: filterLength)
        // The normal equations of the least squares: a Toeplitz matrix.
        let matrix = (0..<filterLength * filterLength).map { auto[abs($0 / filterLength - $0 % filterLength)] }
        guard let filter = DoubleSystem.solve(symmetric: matrix, cross) else {
            throw KitError(
                .badData,
                "\(Self.qualifiedName): the reference fits itself with several filters of \(filterLength) samples: "
                    + "not defined; use a shorter 'filter_length'")
        }
        return SignalProducts.decibels(coherence: zip(filter, cross).reduce(0) { $0 + $1.0 * $1.1 })
    }
}
