import KitCore

extension ClipSpectrogram {
    /// Sets a rectangle to one value, in all channels.
    public func fill(frames: Range<Int>, bands: Range<Int>, with value: Float) {
        for frame in frames {
            let first = (frame * mel + bands.lowerBound) * channels
            (values + first).update(repeating: value, count: bands.count * channels)
        }
    }

    /// A random range of an axis, narrower than `widest` and at most as long as the axis.
    public static func maskRange(of length: Int, upTo widest: Int, _ random: inout RandomStream) -> Range<Int> {
        let widthDraw = random.uniform(0, 1)
        return maskRange(of: length, upTo: widest, widthDraw: widthDraw, startDraw: random.uniform(0, 1))
    }

    /// The same from two random numbers, as in torchaudio's `mask_along_axis`: width and start are drawn as real
    /// numbers and truncated to integers.
    public static func maskRange(of length: Int, upTo widest: Int, widthDraw: Double, startDraw: Double) -> Range<Int> {
        let width = widthDraw * Double(min(widest, length))
        let start = startDraw * (Double(length) - width)
        return Int(start)..<Int(start) + Int(width)
    }
}
