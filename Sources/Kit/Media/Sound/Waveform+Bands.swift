import Glibc
import KitCore

extension Waveform {
    /// The centres of the third-octave bands from 100 Hz to 8 kHz (IEC 61260-1).
    public static let bandCentres: [Double] = (20...39).map { pow(10, Double($0) / 10) }

    /// The mean power in each band of `bandCentres`; 0 in bands that the sample rate does not reach.
    public func bandPowers() throws -> [Double] {
        let (size, mono) = (2048, mixedToMono().values)
        let spectra = try STFT(fftSize: size, hop: size / 2, isCentred: true)
        let frames = spectra.frameCount(samples: count)
        let width = Double(sampleRate) / Double(size)
        let edge = pow(10, 0.05)
        let bins = Self.bandCentres.map { centre -> Range<Int> in
            let first = max(1, Int((centre / edge / width).rounded()))
            return min(
                first, spectra.binCount)..<min(spectra.binCount, max(first + 1, Int((centre * edge / width).rounded())))
        }
        var sums = [Double](repeating: 0, count: bins.count)
        guard count > 0 else { return sums }
        spectra.forEachFrame(mono, samples: count, frames: frames) { _, powers in
            for (band, range) in bins.enumerated() {
                for bin in range { sums[band] += Double(powers[bin]) }
            }
        }
        return sums.map { $0 / Double(max(1, frames)) }
    }

    /// The mean of the channels, as one channel.
    func mixedToMono() -> Waveform {
        guard channels > 1 else { return self }
        var result = Waveform(channels: 1, count: count, sampleRate: sampleRate)
        for channel in 0..<channels {
            for (index, value) in self[channel: channel].enumerated() {
                result.values[index] += value / Float(channels)
            }
        }
        return result
    }
}
