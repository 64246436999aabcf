import CKernels
import KitTensor
import TestSupport
import Testing

/// The kernels behind `Gemm` with each instruction set, at extents that leave vectors, panels and register blocks unfilled.
@Suite(.serialized, .alone("the instruction set")) struct ProductKernelTests {
    private let extents = [
        (1, 1, 1), (7, 65, 17), (24, 64, 64), (49, 130, 37), (11, 600, 131), (33, 54, 47), (5, 520, 1100),
    ]

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

    /// Products of the rounded factors, added in float32.
    @Test func narrowProductsEqualPlainLoopsOverRoundedFactors() throws {
        try forEachSet { kernels, rows, depth, columns in
            let (a, b) = (Pattern.tensor("a", [rows, depth]), Pattern.tensor("b", [depth, columns]))
            let (x, y) = (rounded(a), rounded(b))
            let width = kernels.capabilities.vector_floats
            let size = depth * ((columns + width - 1) / width * width)
            let (packed, scratch) = (Tensor(repeating: 7, [size + 8]), Tensor(repeating: 7, [rows * (depth + 1) + 8]))
            let transposed = try b.transposed()
            for (from, depthStep, columnStep) in [(b, columns, 1), (transposed, 1, depth)] {
                let half = depth / 4 * 2
                for (first, count) in [(half, depth - half), (0, half)] {
                    kernels.narrow_pack(
                        from.pointer, depth, columns, depthStep, columnStep, first, count, packed.pointer)
                }
                for (left, accumulate) in [(a, false), (a, true), (a.narrowed(), false), (a.narrowed(), true)] {
                    check(rows, columns, sums: accumulate) {
                        kernels.narrow_product(
                            left.elements, depth, packed.pointer, accumulate ? $0 : nil, columns + 3,
                            dk_values(at: $0, are_narrow: false), columns + 3, rows, depth, columns, scratch.pointer)
                    } expected: { row, column in
                        (0..<depth).reduce(0) { $0 + x[row * depth + $1] * y[$1 * columns + column] }
                    }
                }
                #expect(packed.values[size...].allSatisfy { $0 == 7 }, "\(columns): memory past the end was written")
                #expect(scratch.values.suffix(8).allSatisfy { $0 == 7 }, "\(columns): memory past the end was written")
            }
        }
    }

    @Test func narrowProductsAddARowAndRoundTheirSumsOnce() throws {
        try forEachSet { kernels, rows, depth, columns in
            let (a, b) = (Pattern.tensor("a", [rows, depth]), Pattern.tensor("b", [depth, columns]))
            let (x, y) = (rounded(a), rounded(b))
            let width = kernels.capabilities.vector_floats
            let packed = Tensor.zeros([depth * ((columns + width - 1) / width * width)])
            let scratch = Tensor(repeating: 7, [rows * (depth + 1 + columns) + 8])
            kernels.narrow_pack(b.pointer, depth, columns, columns, 1, 0, depth, packed.pointer)
            let step = columns + 3
            let bias = Pattern.tensor("bias", [columns])
            for added in [nil, bias] {
                let (sums, given) = (Tensor.ones([rows, step]), Tensor.ones([rows, step]).narrowed())
                for c in [sums, given] {
                    kernels.narrow_product(
                        a.elements, depth, packed.pointer, added.map { UnsafePointer($0.pointer) }, 0, c.elements, step,
                        rows, depth, columns, scratch.pointer)
                }
                #expect(given.values == roundedToBFloat16(sums).values, "\(rows) x \(depth) x \(columns)")
                check(rows, columns, sums: false) { result in
                    kernels.narrow_product(
                        a.elements, depth, packed.pointer, added.map { UnsafePointer($0.pointer) }, 0,
                        dk_values(at: result, are_narrow: false), columns + 3, rows, depth, columns, scratch.pointer)
                } expected: { row, column in
                    (0..<depth).reduce(Double(added?.values[column] ?? 0)) {
                        $0 + x[row * depth + $1] * y[$1 * columns + column]
                    }
                }
            }
            #expect(scratch.values.suffix(8).allSatisfy { $0 == 7 }, "memory past the end was written")
        }
    }

    @Test func narrowOuterProductsEqualPlainLoopsOverRoundedFactors() throws {
        try forEachSet { kernels, left, rows, right in
            let (a, b) = (Pattern.tensor("a", [rows, left]), Pattern.tensor("b", [rows, right]))
            let (x, y) = (rounded(a), rounded(b))
            let scratch = Tensor(repeating: 7, [(rows + 1) * (left + right) + 8])
            for (first, second) in [(a, b), (a.narrowed(), b), (a, b.narrowed()), (a.narrowed(), b.narrowed())] {
                check(left, right, sums: true) {
                    kernels.narrow_outer_product(
                        first.elements, left, second.elements, right, $0, right + 3, rows, left, right,
                        scratch.pointer)
                } expected: { out, column in
                    (0..<rows).reduce(0) { $0 + x[$1 * left + out] * y[$1 * right + column] }
                }
            }
            #expect(scratch.values.suffix(8).allSatisfy { $0 == 7 }, "memory past the end was written")
        }
    }

    /// Infinite and undefined values pass through, and large ones overflow as float32 does.
    @Test func narrowProductsKeepWhatIsNotFinite() throws {
        try InstructionSet.forEachAvailable { name in
            let kernels = dk_active.pointee
            let packed = Tensor.zeros([3 * kernels.capabilities.vector_floats])
            let (result, scratch) = (Tensor.zeros([1]), Tensor.zeros([8]))
            for (values, expected) in [
                ([Float.infinity, 1, 1], Float.infinity), ([1, 1, -.infinity], -.infinity),
                ([1, .nan, 1], .nan), ([1, Float(bitPattern: 0x7f80_0001), 1], .nan),
                ([.greatestFiniteMagnitude, 1, 1], .infinity),
            ] {
                let (row, ones) = (Tensor(values, [1, 3]), Tensor.ones([3, 1]))
                kernels.narrow_pack(ones.pointer, 3, 1, 1, 1, 0, 3, packed.pointer)
                kernels.narrow_product(
                    row.elements, 3, packed.pointer, nil, 0, result.elements, 1, 1, 3, 1, scratch.pointer)
                let given = result.values[0]
                #expect(given == expected || given.isNaN && expected.isNaN, "\(name): \(values) gave \(given)")
            }
        }
    }

    private func rounded(_ tensor: Tensor) -> [Double] { roundedToBFloat16(tensor).values.map(Double.init) }

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
