import CKernels
import KitTensor
import TestSupport
import Testing

/// The kernels behind `Gemm` with each instruction set, at extents that leave vectors, panels and register blocks unfilled.
@Suite(.serialized, .alone("the instruction set")) struct ProductKernelTests {
    private let extents = [(1, 1, 1), (7, 65, 17), (24, 64, 64), (49, 130, 37), (11, 600, 131)]

    @Test func productsOfPackedFactorsEqualPlainLoops() throws {
        try forEachSet { kernels, rows, depth, columns in
            let (a, b) = (Pattern.tensor("a", [rows, depth]), Pattern.tensor("b", [depth, columns]))
            let width = kernels.capabilities.vector_floats
            let size = depth * ((columns + width - 1) / width * width)
            let packed = Tensor(repeating: 7, [size + 8])
            let transposed = try b.transposed()
            for (from, depthStep, columnStep) in [(b, columns, 1), (transposed, 1, depth)] {
                // Two parts in either order, as two threads might.
                for (first, count) in [(depth / 2, depth - depth / 2), (0, depth / 2)] {
                    kernels.pack(
                        from.pointer, depth, columns, depthStep, columnStep, first, count, packed.pointer)
                }
                #expect(packed.values[size...].allSatisfy { $0 == 7 }, "\(columns): memory past the end was written")
                for accumulate in [false, true] {
                    check(rows, columns, sums: accumulate) {
                        kernels.product(
                            a.pointer, depth, packed.pointer, $0, columns + 3, rows, depth, columns, accumulate)
                    } expected: { row, column in
                        (0..<depth).reduce(0) {
                            $0 + Double(a.pointer[row * depth + $1]) * Double(b.pointer[$1 * columns + column])
                        }
                    }
                }
            }
        }
    }

    @Test func outerProductsEqualPlainLoops() throws {
        try forEachSet { kernels, left, rows, right in
            let (a, b) = (Pattern.tensor("a", [rows, left]), Pattern.tensor("b", [rows, right]))
            check(left, right, sums: true) {
                kernels.outer_product(a.pointer, left, 0, b.pointer, right, 0, $0, right + 3, rows, left, right)
            } expected: { out, column in
                (0..<rows).reduce(0) {
                    $0 + Double(a.pointer[$1 * left + out]) * Double(b.pointer[$1 * right + column])
                }
            }
        }
    }

    private func forEachSet(_ body: (dk_kernels, Int, Int, Int) throws -> Void) throws {
        try InstructionSet.forEachAvailable { _ in
            for (rows, depth, columns) in extents { try body(dk_active.pointee, rows, depth, columns) }
        }
    }

    /// Runs `product` into [rows, columns] with gaps of 3 between the rows, which it must leave alone.
    private func check(
        _ rows: Int, _ columns: Int, sums: Bool, _ product: (UnsafeMutablePointer<Float>) -> Void,
        expected: (_ row: Int, _ column: Int) -> Double
    ) {
        let c = Pattern.tensor("c", [rows, columns + 3])
        let before = c.values
        product(c.pointer)
        for row in 0..<rows {
            for column in 0..<columns + 3 {
                let index = row * (columns + 3) + column
                let kept = column >= columns || sums ? Double(before[index]) : 0
                let value = kept + (column < columns ? expected(row, column) : 0)
                #expect(
                    abs(Double(c.pointer[index]) - value) < 1e-4, "\(InstructionSet.active): \(row), \(column)")
            }
        }
    }
}
