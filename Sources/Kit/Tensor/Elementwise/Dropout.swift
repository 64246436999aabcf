import CKernels
import KitCore

extension Tensor {
    /// Sets each element to 0 with the given probability and divides the others by 1 - probability, which preserves the
    /// mean (Srivastava et al. 2014, "Dropout"). For training only.
    ///
    /// The i-th 32-bit number of the stream from here on decides element i, so the same stream gives the same mask at
    /// any thread count. For the gradient, the mask is computed again instead of being stored.
    public func dropout(_ probability: Float, _ random: inout RandomStream) throws -> Tensor {
        guard probability >= 0, probability < 1 else {
            throw KitError.usage("dropout: the probability must be at least 0 and below 1, but is \(probability)")
        }
        guard probability > 0 else { return self }
        // One counter of the generator gives two 64-bit numbers of the stream.
        let (key, first) = (random.key, (random.position + 1) / 2)
        random.position = 2 &* (first &+ UInt64((count - 1) / 4 + 1))
        let result = Tensor(uninitialized: shape)
        Self.drop(self, into: result, probability, key, first)
        return result.recorded("dropout", [self]) { gradient in
            let result = gradient.overwrittenOrNew()
            Self.drop(gradient, into: result, probability, key, first)
            return [result]
        }
    }

    private static func drop(_ x: Tensor, into y: Tensor, _ probability: Float, _ key: UInt64, _ first: UInt64) {
        let (source, result) = (x.pointer, y.pointer)
        let threshold = UInt32(Double(probability) * 0x1p32)
        let scale = Float(1 / (1 - Double(probability)))
        ThreadPool.shared.forEachRange(x.count, grain: Elementwise.grain) {
            let start = $0.lowerBound
            dk_active.pointee.dropout(
                source + start, result + start, $0.count, threshold, scale, key, first + UInt64(start / 4))
        }
    }
}
