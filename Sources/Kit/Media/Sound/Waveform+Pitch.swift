import Glibc

extension Waveform {
    /// The median pitch of a voice in Hz, between 60 and 500 Hz, over the moments at which the sound is periodic; nil if
    /// it never is.
    ///
    /// The method is YIN (de Cheveigné and Kawahara 2002, "YIN, a fundamental frequency estimator for speech and music"):
    /// the smallest lag at which the normalised difference of the sound from itself falls below 0.15, refined by a
    /// parabola. Windows of 40 ms begin every 10 ms. The channels' mean is measured, at 16 kHz.
    public func medianPitch() throws -> Double? {
        let mono = try mixedToMono().resampled(to: Self.pitchRate)
        let sound = Array(mono.values)
        let (window, hop) = (Self.pitchRate * 40 / 1000, Self.pitchRate / 100)
        let (shortest, longest) = (Self.pitchRate / 500, Self.pitchRate / 60)
        let loudest = sound.reduce(0) { max($0, abs($1)) }
        guard loudest > 0 else { return nil }
        var pitches: [Double] = []
        for first in stride(from: 0, to: sound.count - window - longest - 1, by: hop) {
            // Breath and background between words have no pitch.
            let level = Self.level(Array(sound[first..<first + window]))
            guard level > 0.02 * Double(loudest) else { continue }
            if let lag = Self.period(sound, first, window, shortest...longest) {
                pitches.append(Double(Self.pitchRate) / lag)
            }
        }
        guard !pitches.isEmpty else { return nil }
        pitches.sort()
        let middle = pitches.count / 2
        return pitches.count % 2 == 1 ? pitches[middle] : (pitches[middle - 1] + pitches[middle]) / 2
    }

    private static let pitchRate = 16_000

    /// The period in samples; nil if the sound is not periodic.
    private static func period(
        _ sound: [Float], _ first: Int, _ window: Int, _ lags: ClosedRange<Int>
    ) -> Double? {
        // The difference at each lag, over its mean at the lags up to it.
        var (normalised, sum) = ([Float](repeating: 1, count: lags.upperBound + 2), Float(0))
        for lag in 1...lags.upperBound + 1 {
            var difference: Float = 0
            for index in first..<first + window {
                let delta = sound[index] - sound[index + lag]
                difference += delta * delta
            }
            sum += difference
            normalised[lag] = sum > 0 ? difference * Float(lag) / sum : 1
        }
        guard var lag = lags.first(where: { normalised[$0] < 0.15 }) else { return nil }
        while lag < lags.upperBound, normalised[lag + 1] < normalised[lag] { lag += 1 }
        guard lag > lags.lowerBound else { return nil }
        let (before, here, after) = (normalised[lag - 1], normalised[lag], normalised[lag + 1])
        let curve = before - 2 * here + after
        return Double(lag) + (curve > 0 ? Double((before - after) / (2 * curve)) : 0)
    }
}
