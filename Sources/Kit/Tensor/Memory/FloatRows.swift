import CKernels
import KitCore

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
