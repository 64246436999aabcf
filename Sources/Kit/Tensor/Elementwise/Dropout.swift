import CKernels
import KitCore

extension Tensor {
    /// Sets each element to 0 with the given probability and divides the others by 1 - probability, which preserves the
    /// mean (Srivastava et al. 2014, "Dropout"). For training only.
    ///
    /// The i-th 32-bit number of the stream from here on decides element i, so the same stream gives the same mask at
    /// any thread count. For the gradient, the mask is computed again instead of being stored.
    ///
    /// - Parameters:
    ///   - probability: the probability that an element becomes 0: from 0 up to, but not including, 1.
    ///   - random: the stream that decides which elements become 0.
    ///   - offset: the number of elements before this tensor in a larger one; it then gets its part of the larger mask.
    public func dropout(_ probability: Float, _ random: inout RandomStream, from offset: Int = 0) throws -> Tensor {
        guard probability >= 0, probability < 1 else {
            throw KitError.usage("dropout: the probability must be at least 0 and below 1, but is \(probability)")
        }
        guard probability > 0 else { return self }
        // One counter of the generator gives two 64-bit numbers of the stream.
        let (key, first) = (random.key, (random.position + 1) / 2)
        random.position = 2 &* (first &+ UInt64((offset + count - 1) / 4 + 1))
        let result = Tensor(uninitialized: shape)
        Self.drop(self, into: result, probability, key, first, offset)
        return result.recorded("dropout", [self]) { gradient in
            let result = gradient.overwrittenOrNew()
            Self.drop(gradient, into: result, probability, key, first, offset)
            return [result]
        }
    }

    private static func drop(
        _ x: Tensor, into y: Tensor, _ probability: Float, _ key: UInt64, _ first: UInt64, _ offset: Int
    ) {
        let (source, result) = (x.pointer, y.pointer)
        let threshold = UInt32(Double(probability) * 0x1p32)
        let scale = Float(1 / (1 - Double(probability)))
        func drop(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ count: Int, at element: Int) {
            dk_active.pointee.dropout(from, to, count, threshold, scale, key, first + UInt64(element / 4))
        }
        // The generator gives four numbers at a time, so elements before the first whole four are handled separately.
        let lead = Swift.min(x.count, (4 - offset % 4) % 4)
        if lead > 0 {
            var four = [Float](repeating: 0, count: 4)
            for index in 0..<lead { four[offset % 4 + index] = source[index] }
            let values = four
            four.withUnsafeMutableBufferPointer { drop(values, $0.baseAddress!, 4, at: offset - offset % 4) }
            for index in 0..<lead { result[index] = four[offset % 4 + index] }
        }
        ThreadPool.shared.forEachRange(x.count - lead, grain: Elementwise.grain) {
            let start = lead + $0.lowerBound
            drop(source + start, result + start, $0.count, at: offset + start)
        }
    }
}
