import Glibc

extension ClipFrames {
    /// Blurs all frames with a Gaussian, mirrored at the borders, as torchvision's `gaussian_blur`.
    ///
    /// - Parameters:
    ///   - side: the side of the kernel in pixels; odd. It is reduced if half of it does not fit the frame.
    ///   - sigma: the standard deviation of the Gaussian in pixels.
    public func blur(side: Int, sigma: Double) {
        let half = min(side / 2, height - 1, width - 1)
        guard half > 0 else { return }
        let exact = (-half...half).map { exp(-0.5 * pow(Double($0) / sigma, 2)) }
        let sum = exact.reduce(0, +)
        let kernel = exact.map { Float($0 / sum) }
        let length = width * 3
        // A row with its mirrored borders, and a frame blurred along the rows.
        let border = (width + 2 * half) * 3
        withUnsafeTemporaryAllocation(of: Float.self, capacity: border + height * length) { room in
            let padded = room.baseAddress!
            let passed = padded + border
            for frame in 0..<count {
                let values = self.values + frame * height * length
                for row in 0..<height {
                    for place in -half..<width + half {
                        let from = values + row * length + Self.mirrored(place, width) * 3
                        (padded + (place + half) * 3).update(from: from, count: 3)
                    }
                    Self.add(kernel, into: passed + row * length, length) { padded + $0 * 3 }
                }
                for row in 0..<height {
                    Self.add(kernel, into: values + row * length, length) { tap in
                        passed + Self.mirrored(row + tap - half, height) * length
                    }
                }
            }
        }
    }

    /// target = the sum over taps of kernel[tap] x the row of that tap.
    private static func add(
        _ kernel: [Float], into target: UnsafeMutablePointer<Float>, _ length: Int,
        row: (_ tap: Int) -> UnsafeMutablePointer<Float>
    ) {
        target.update(repeating: 0, count: length)
        for (tap, weight) in kernel.enumerated() {
            let source = row(tap)
            for index in 0..<length { target[index] += weight * source[index] }
        }
    }

    private static func mirrored(_ place: Int, _ length: Int) -> Int {
        place < 0 ? -place : place < length ? place : 2 * length - 2 - place
    }
}
