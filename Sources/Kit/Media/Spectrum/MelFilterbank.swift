import CKernels
import KitCore

/// Triangular bands over the bins of a spectrum, stored as one short run of weights per band.
public struct MelFilterbank: Sendable {
    /// Bins of the spectrum that the bands apply to: fftSize / 2 + 1.
    public let binCount: Int
    /// The first bin and the number of weights of each band.
    private let firsts: [Int32]
    private let lengths: [Int32]
    /// The weights of all bands, one band after the other.
    private let weights: [Float]

    public var bandCount: Int { firsts.count }

    /// `mels` bands whose corners are equally spaced on `scale` from `lowest` to `highest` (Hz). With `isAreaNormalised`
    /// ("slaney" norm elsewhere) every triangle has the same area, 1; without, the same height, 1. Values equal torchaudio's
    /// `melscale_fbanks`.
    public init(
        mels: Int, fftSize: Int, sampleRate: Int, lowest: Double, highest: Double, scale: MelScale,
        isAreaNormalised: Bool
    ) throws {
        guard mels > 0, fftSize >= 2, sampleRate > 0, lowest >= 0, lowest < highest, highest <= Double(sampleRate) / 2
        else {
            throw KitError.usage(
                "\(mels) mel bands from \(lowest) to \(highest) Hz at \(sampleRate) Hz: expected at least one band and "
                    + "0 <= lowest < highest <= \(sampleRate / 2)")
        }
        binCount = fftSize / 2 + 1
        let corners = Self.corners(mels + 2, from: scale.mel(ofHertz: lowest), to: scale.mel(ofHertz: highest), scale)
        let binWidth = Double(sampleRate / 2) / Double(fftSize / 2)
        var (firsts, lengths, weights): ([Int32], [Int32], [Float]) = ([], [], [])
        for band in 0..<mels {
            let (left, centre, right) = (corners[band], corners[band + 1], corners[band + 2])
            let norm = isAreaNormalised ? 2 / (right - left) : 1
            let all = (0..<binCount).map { bin -> Float in
                let hertz = Float(Double(bin) * binWidth)
                return max(0, min((hertz - left) / (centre - left), (right - hertz) / (right - centre))) * norm
            }
            // Narrow low bands may be between two bins and stay empty.
            let first = all.firstIndex { $0 > 0 } ?? 0
            let run = all[first...].prefix { $0 > 0 }
            firsts.append(Int32(first))
            lengths.append(Int32(run.count))
            weights += run
        }
        (self.firsts, self.lengths, self.weights) = (firsts, lengths, weights)
    }

    /// Frequencies (Hz) equally spaced on the scale, in single precision and in torchaudio's order of operations: weights of
    /// narrow low bands depend on their rounding in the fourth digit.
    private static func corners(_ count: Int, from low: Double, to high: Double, _ scale: MelScale) -> [Float] {
        let (low, high) = (Float(low), Float(high))
        let step = (high - low) / Float(count - 1)
        return (0..<count).map { index in
            // Computed from the nearer end.
            index < count / 2
                ? scale.hertz(ofMel: low.addingProduct(Float(index), step))
                : scale.hertz(ofMel: high.addingProduct(-Float(count - 1 - index), step))
        }
    }

    /// The weights of a band for all bins.
    public func weights(ofBand band: Int) -> [Float] {
        var row = [Float](repeating: 0, count: binCount)
        let offset = lengths[..<band].reduce(0) { $0 + Int($1) }
        for i in 0..<Int(lengths[band]) { row[Int(firsts[band]) + i] = weights[offset + i] }
        return row
    }

    /// Writes one value per band for a power spectrum of `binCount` bins.
    func apply(_ spectrum: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        dk_active.pointee.band_sums(spectrum, weights, firsts, lengths, target, bandCount)
    }
}
