import Glibc

/// Changes of sound that augmentations are made of.
extension Waveform {
    /// Adds a stretch of a sound, over and over if it is short, so much softer or louder that the root mean squares of this
    /// sound and of the stretch have a ratio in decibels. Silence is left as it is, and adds nothing.
    ///
    /// - Parameters:
    ///   - noise: the other sound, at this one's rate.
    ///   - start: the first sample of the stretch.
    ///   - ratio: of this sound to the stretch, in dB.
    public mutating func mix(_ noise: Waveform, from start: Int, ratio: Double) {
        let length = min(count, noise.count - start)
        guard length > 0 else { return }
        let stretch = (0..<noise.channels).map { Array(noise[channel: $0].dropFirst(start).prefix(length)) }
        let (own, theirs) = (Self.level(values), Self.level(stretch.flatMap { $0 }))
        guard own > 1e-9, theirs > 1e-9 else { return }
        let gain = Float(own / pow(10, ratio / 20) / theirs)
        for channel in 0..<channels {
            let other = stretch[min(channel, stretch.count - 1)]
            for place in 0..<count { values[channel * count + place] += gain * other[place % length] }
        }
    }

    /// The root of the mean square.
    public static func level(_ values: [Float]) -> Double {
        (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count))).squareRoot()
    }

    /// Moves all channels later by some samples, earlier if it is below 0. What is pushed out comes in at the other end, or
    /// silence does.
    public mutating func shift(by samples: Int, rollover: Bool) {
        let source = values
        for channel in 0..<channels {
            for place in 0..<count {
                let from = place - samples
                let isInside = from >= 0 && from < count
                let index = isInside ? from : (from % count + count) % count
                values[channel * count + place] = isInside || rollover ? source[channel * count + index] : 0
            }
        }
    }
}
