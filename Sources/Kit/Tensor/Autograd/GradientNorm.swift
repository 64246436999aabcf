import CKernels
import KitCore

/// Questions about all gradients of a training step together.
extension Sequence where Element == Tensor {
    /// The Euclidean norm of all elements of all tensors together. Not finite if an element is not, or if it exceeds
    /// 1e19.
    public func globalNorm() -> Double {
        reduce(0.0) { total, tensor in
            let x = tensor.pointer
            return total
                + tensor.sumOfTiles { dk_active.pointee.dot(x + $0.lowerBound, x + $0.lowerBound, $0.count, $1) }
        }.squareRoot()
    }
}

extension Tensor {
    /// The number of elements that are NaN or infinite.
    public var nonFiniteCount: Int {
        let x = pointer
        return Int(
            sumOfTiles { range, result in
                var found = 0
                dk_active.pointee.count_non_finite(x + range.lowerBound, range.count, &found)
                result.pointee = Double(found)
            })
    }

    /// Adds up one number for each tile, in order.
    fileprivate func sumOfTiles(_ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void) -> Double {
        let tiles = (count + Elementwise.grain - 1) / Elementwise.grain
        // A tensor without memory has no values to check; the next memory check throws.
        guard !MemoryShortage.isPending else { return 0 }
        let partial = UnsafeMutableBufferPointer<Double>.allocate(capacity: tiles)
        defer { partial.deallocate() }
        partial.initialize(repeating: 0)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            body($0, partial.baseAddress! + $0.lowerBound / Elementwise.grain)
        }
        return partial.reduce(0, +)
    }
}

/// Finds the tensor in which numbers stopped being finite.
public enum NonFinite {
    /// The first of these tensors that contains NaN or infinity, and how many; nil if all are finite.
    public static func first(in tensors: some Sequence<(name: String, tensor: Tensor)>) -> (name: String, count: Int)? {
        for (name, tensor) in tensors {
            let count = tensor.nonFiniteCount
            if count > 0 { return (name, count) }
        }
        return nil
    }
}
