import CKernels
import KitCore

/// A block of bfloat16 values from the buffer pool, returned when the last tensor that uses it is freed.
final class NarrowStorage {
    let count: Int
    /// Two values in the space of one float.
    private let words: Storage

    /// Uninitialised values.
    init(count: Int) {
        self.count = count
        words = Storage(count: (count + 1) / 2)
    }

    var pointer: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(words.pointer).assumingMemoryBound(to: UInt16.self)
    }

    /// The floats, rounded.
    static func narrowed(_ floats: UnsafePointer<Float>, count: Int) -> NarrowStorage {
        let result = NarrowStorage(count: count)
        let y = result.pointer
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            dk_active.pointee.narrow_to_bfloat16(floats + $0.lowerBound, y + $0.lowerBound, $0.count)
        }
        return result
    }

    /// The values as floats.
    func widened() -> Storage {
        let result = Storage(count: count)
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            dk_active.pointee.widen_bfloat16(x + $0.lowerBound, y + $0.lowerBound, $0.count)
        }
        return result
    }
}
