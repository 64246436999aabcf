/// Colour operations for augmentations, with the arithmetic of torchvision's `adjust_...` on floats in 0...1.
extension ClipFrames {
    var valueCount: Int { count * height * width * 3 }

    /// Replaces each pixel by its luma with the weights of ITU-R BT.601.
    public func turnGrey() {
        for pixel in 0..<valueCount / 3 {
            let colour = values + pixel * 3
            let grey = Self.grey(colour)
            (colour[0], colour[1], colour[2]) = (grey, grey, grey)
        }
    }

    /// Multiplies all values by a factor.
    public func multiplyBrightness(by factor: Float) {
        for index in 0..<valueCount { values[index] = Self.clamped(values[index] * factor) }
    }

    /// Moves all values away from the mean grey of their frame (factor above 1), or towards it.
    public func multiplyContrast(by factor: Float) {
        let pixels = height * width
        for frame in 0..<count {
            let values = self.values + frame * pixels * 3
            var sum = 0.0
            for pixel in 0..<pixels {
                sum += Double(Self.grey(values + pixel * 3))
            }
            let rest = (1 - factor) * Float(sum / Double(pixels))
            for index in 0..<pixels * 3 { values[index] = Self.clamped(factor * values[index] + rest) }
        }
    }

    /// Moves each pixel away from its own grey (factor above 1), or towards it.
    public func multiplySaturation(by factor: Float) {
        for pixel in 0..<valueCount / 3 {
            let colour = values + pixel * 3
            let rest = (1 - factor) * Self.grey(colour)
            for channel in 0..<3 { colour[channel] = Self.clamped(factor * colour[channel] + rest) }
        }
    }

    /// Rotates the hue of each pixel by a fraction of the colour circle, -0.5...0.5.
    public func turnHue(by turn: Float) {
        for pixel in 0..<valueCount / 3 {
            let colour = values + pixel * 3
            let (red, green, blue) = (colour[0], colour[1], colour[2])
            let high = max(red, green, blue)
            let range = high - min(red, green, blue)
            guard range > 0 else { continue }
            // The hue in sixths of the circle, from red.
            var hue: Float
            if high == red {
                hue = (green - blue) / range
            } else if high == green {
                hue = 2 + (blue - red) / range
            } else {
                hue = 4 + (red - green) / range
            }
            hue += 6 * turn
            hue -= 6 * (hue / 6).rounded(.down)
            let sector = hue.rounded(.down)
            let part = hue - sector
            let low = high - range
            let (falling, rising) = (high - range * part, low + range * part)
            switch Int(sector) {
            case 0, 6: (colour[0], colour[1], colour[2]) = (high, rising, low)
            case 1: (colour[0], colour[1], colour[2]) = (falling, high, low)
            case 2: (colour[0], colour[1], colour[2]) = (low, high, rising)
            case 3: (colour[0], colour[1], colour[2]) = (low, falling, high)
            case 4: (colour[0], colour[1], colour[2]) = (rising, low, high)
            default: (colour[0], colour[1], colour[2]) = (high, low, falling)
            }
        }
    }

    @inline(__always)
    private static func grey(_ colour: UnsafePointer<Float>) -> Float {
        0.2989 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    }

    @inline(__always)
    private static func clamped(_ value: Float) -> Float { min(max(value, 0), 1) }
}
