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

/// Rows of values as floats: those in memory if they are floats, or a copy without gaps.
struct FloatRows {
    private let copy: Storage?
    /// The first element, valid while this and the values are alive.
    let pointer: UnsafePointer<Float>
    /// Elements from one row to the next.
    let step: Int

    init(_ values: dk_values, step: Int, rows: Int, columns: Int) {
        guard values.are_narrow else {
            (copy, pointer, self.step) = (nil, UnsafePointer(values.floats), step)
            return
        }
        let floats = Storage(count: rows * columns)
        for row in 0..<rows { values.from(row * step).load(into: floats.pointer + row * columns, count: columns) }
        (copy, pointer, self.step) = (floats, UnsafePointer(floats.pointer), columns)
    }

    func pointer(_ row: Int) -> UnsafePointer<Float> { pointer + row * step }

    /// Some rows as a factor.
    func rows(_ range: Range<Int>) -> Gemm.Rows {
        Gemm.Rows(pointer(range.lowerBound), step: step, count: range.count)
    }
}

/// Rows of values that are written as floats: in place if they are floats, or in memory without gaps, from which `store`
/// rounds them.
struct WrittenRows {
    private let values: dk_values
    private let valueStep: Int
    private let count: Int
    private let columns: Int
    private let copy: Storage?
    private let first: UnsafeMutablePointer<Float>
    /// Elements from one row to the next.
    let step: Int

    init(_ values: dk_values, step: Int, rows: Int, columns: Int) {
        (self.values, valueStep, count, self.columns) = (values, step, rows, columns)
        copy = values.are_narrow ? Storage(count: rows * columns) : nil
        first = copy?.pointer ?? values.floats
        self.step = copy == nil ? step : columns
    }

    func pointer(_ row: Int) -> UnsafeMutablePointer<Float> { first + row * step }

    /// Rounds the rows into the values. Does nothing if they were written in place.
    func store() {
        guard let copy else { return }
        for row in 0..<count { values.from(row * valueStep).store(pointer(row), count: columns) }
        withExtendedLifetime(copy) {}
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
