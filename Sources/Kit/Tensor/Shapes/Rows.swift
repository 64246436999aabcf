import CKernels
import KitCore

/// A tensor as rows along its last axis, processed in tiles.
struct Rows {
    let count: Int
    let columns: Int
    /// Rows in a tile.
    let grain: Int

    init(_ shape: Shape) {
        columns = shape.rank == 0 ? 1 : shape[-1]
        count = Shape.product(shape.extents.dropLast())
        grain = max(1, Elementwise.grain / 2 / max(1, columns))
    }

    var tiles: Int { (count + grain - 1) / grain }

    /// Calls `body` with ranges of rows, on all threads.
    func forEach(_ body: (Range<Int>) -> Void) {
        ThreadPool.shared.forEachRange(count, grain: grain, body)
    }

    /// Calls `body` with ranges of rows, on all threads, for tensors of any type. It gets pointers to the first of these rows
    /// in each operand, as floats, and to memory for the results, which are then rounded to the type of `result`. bfloat16
    /// values are converted a few rows at a time, in the first-level cache.
    func forEachOnFloats(
        _ operands: [Tensor], into result: Tensor,
        _ body: (Range<Int>, _ operands: [UnsafePointer<Float>], _ result: UnsafeMutablePointer<Float>) -> Void
    ) {
        let (sources, results) = (operands.map(\.elements), result.elements)
        let areFloats = !results.are_narrow && !sources.contains(where: \.are_narrow)
        forEach { tile in
            let chunk = areFloats ? tile.count : max(1, Elementwise.chunk / max(1, columns))
            let scratch = areFloats ? nil : Storage(count: (sources.count + 1) * chunk * columns)
            func converted(_ index: Int) -> UnsafeMutablePointer<Float> { scratch!.pointer + index * chunk * columns }
            for first in stride(from: tile.lowerBound, to: tile.upperBound, by: chunk) {
                let range = first..<min(tile.upperBound, first + chunk)
                let (start, elements) = (first * columns, range.count * columns)
                let rows = sources.enumerated().map { index, source -> UnsafePointer<Float> in
                    guard source.are_narrow else { return UnsafePointer(source.from(start).floats) }
                    source.from(start).load(into: converted(index), count: elements)
                    return UnsafePointer(converted(index))
                }
                guard results.are_narrow else {
                    body(range, rows, results.from(start).floats)
                    continue
                }
                body(range, rows, converted(sources.count))
                results.from(start).store(converted(sources.count), count: elements)
            }
            withExtendedLifetime(scratch) {}
        }
        withExtendedLifetime((operands, result)) {}
    }
}
