import Glibc

/// Operations on sound for augmentations.
extension Waveform {
    /// Adds a segment of another sound, repeated if it is too short, and scaled so that the root mean squares of this
    /// sound and of the segment have the given ratio. If either is silent, nothing changes.
    ///
    /// - Parameters:
    ///   - noise: the other sound, at this one's rate.
    ///   - start: the first sample of the segment.
    ///   - ratio: the level of this sound relative to the segment, in dB.
    public mutating func mix(_ noise: Waveform, from start: Int, ratio: Double) {
        let length = min(count, noise.count - start)
        guard length > 0 else { return }
        let segment = (0..<noise.channels).map { Array(noise[channel: $0].dropFirst(start).prefix(length)) }
        let (own, theirs) = (Self.level(values), Self.level(segment.flatMap { $0 }))
        guard own > 1e-9, theirs > 1e-9 else { return }
        let gain = Float(own / pow(10, ratio / 20) / theirs)
        for channel in 0..<channels {
            let other = segment[min(channel, segment.count - 1)]
            for place in 0..<count { values[channel * count + place] += gain * other[place % length] }
        }
    }

    /// The root mean square.
    public static func level(_ values: [Float]) -> Double {
        (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count))).squareRoot()
    }

    /// Delays all channels by a number of samples, or advances them if it is negative. Samples pushed out at one end
    /// come in at the other if `rollover` is true; otherwise silence does.
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
