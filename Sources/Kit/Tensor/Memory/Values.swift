import CKernels
import KitCore

/// How kernels see the values of a tensor that may be float32 or bfloat16.
extension dk_values {
    init(_ floats: UnsafePointer<Float>) {
        self.init(at: UnsafeMutableRawPointer(mutating: floats), are_narrow: false)
    }

    init(_ narrow: UnsafeMutablePointer<UInt16>) { self.init(at: UnsafeMutableRawPointer(narrow), are_narrow: true) }

    /// Scratch memory for values of a type, as `Storage(count:narrow:)` makes it.
    init(_ scratch: Storage, narrow: Bool) {
        self.init(at: UnsafeMutableRawPointer(scratch.pointer), are_narrow: narrow)
    }

    private var stride: Int { are_narrow ? 2 : 4 }

    /// From the value at an index on.
    func from(_ index: Int) -> dk_values { dk_values(at: at + index * stride, are_narrow: are_narrow) }

    /// They must be float32.
    var floats: UnsafeMutablePointer<Float> {
        precondition(!are_narrow, "floats are expected")
        return at.assumingMemoryBound(to: Float.self)
    }

    /// Copies values, rounded if only these are bfloat16.
    func copy(_ other: dk_values, count: Int) {
        switch (are_narrow, other.are_narrow) {
        case (true, false): store(other.floats, count: count)
        case (false, true): other.load(into: floats, count: count)
        default: at.copyMemory(from: other.at, byteCount: count * stride)
        }
    }

    func clear(count: Int) { at.initializeMemory(as: UInt8.self, repeating: 0, count: count * stride) }

    /// Stores floats, rounded if these are bfloat16.
    func store(_ floats: UnsafePointer<Float>, count: Int) {
        if are_narrow {
            dk_active.pointee.narrow_to_bfloat16(floats, at.assumingMemoryBound(to: UInt16.self), count)
        } else {
            self.floats.update(from: floats, count: count)
        }
    }

    /// Copies values to floats.
    func load(into floats: UnsafeMutablePointer<Float>, count: Int) {
        if are_narrow {
            dk_active.pointee.widen_bfloat16(at.assumingMemoryBound(to: UInt16.self), floats, count)
        } else {
            floats.update(from: self.floats, count: count)
        }
    }
}

extension Storage {
    /// Scratch memory for a number of values of a type.
    convenience init(count: Int, narrow: Bool) { self.init(count: narrow ? (count + 1) / 2 : count) }
}

extension Optional where Wrapped == dk_values {
    /// Calls `body` with a pointer to the values from an index on, or with null.
    func withPointer<Result>(from index: Int, _ body: (UnsafePointer<dk_values>?) -> Result) -> Result {
        guard let values = self?.from(index) else { return body(nil) }
        return withUnsafePointer(to: values) { body($0) }
    }
}
