import Foundation
import Kit
import TestSupport
import Testing

@Suite struct MatMulTests {
    @Test func productsEqualPyTorch() throws {
        let oracle = try Oracle("ops")
        try oracle.check("matmul") {
            try $0["a"].matmul($0["b"], transposeA: $0.bool("transposeA"), transposeB: $0.bool("transposeB"))
        }
        try oracle.check("linear") { try $0["x"].linear($0["weight"], $0["bias"]) }
        try oracle.check("linear_without_bias") { try $0["x"].linear($0["weight"]) }
    }

    /// Few rows, few columns, parts of a long inner axis, several tiles each way.
    @Test(arguments: [
        (1, 1, 1), (5, 40, 7), (16, 700, 1030), (300, 33, 2100), (33, 20, 9000), (700, 1100, 40), (3, 4, 0),
    ])
    func aBiasIsAddedToEachRow(m: Int, n: Int, k: Int) throws {
        let (x, w, bias) = (
            Pattern.tensor("x", [m, k]), Pattern.tensor("w", [n, k]), Pattern.tensor("bias", [n])
        )
        for precision in [ProductPrecision.float32, .bfloat16] {
            try precision.used {
                let plain = try x.linear(w) + bias
                for (a, b) in zip(try x.linear(w, bias).values, plain.values) {
                    #expect(abs(a - b) <= 1e-4 * max(1, abs(b)), "\(m) \(n) \(k) \(precision)")
                }
            }
        }
    }

    /// Extents at which the cutting changes: below a tile, several tiles each way, parts of a long inner axis.
    @Test func everyWayOfCuttingGivesTheProduct() {
        for (m, n, k) in [(1, 1, 1), (17, 5, 3), (700, 33, 40), (300, 1100, 20), (33, 20, 9000), (1030, 1030, 5)] {
            for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                let a = Pattern.tensor("a", [m, k])
                let b = Pattern.tensor("b", [k, n])
                let c = Pattern.tensor("c", [m, n + 3])
                let (x, y) = (try! transposeA ? a.transposed() : a, try! transposeB ? b.transposed() : b)
                let before = c.values
                Gemm.multiply(
                    Gemm.Factor(x.pointer, step: transposeA ? m : k, isTransposed: transposeA),
                    Gemm.Factor(y.pointer, step: transposeB ? k : n, isTransposed: transposeB), into: c.pointer,
                    step: n + 3, m: m, n: n, k: k, alpha: 0.5, beta: 2, precision: .float32)
                // Every row and column is checked on a diagonal; the elements between the rows must not change.
                for index in 0..<max(m, n) {
                    let (row, column) = (index % m, index % n)
                    let dot = (0..<k).reduce(0.0) {
                        $0 + Double(a.pointer[row * k + $1]) * Double(b.pointer[$1 * n + column])
                    }
                    let expected = 0.5 * dot + 2 * Double(before[row * (n + 3) + column])
                    #expect(abs(Double(c.pointer[row * (n + 3) + column]) - expected) < 2e-4, "\(m) \(n) \(k)")
                }
                #expect(
                    (0..<m).allSatisfy { row in
                        (n..<n + 3).allSatisfy { c.pointer[row * (n + 3) + $0] == before[row * (n + 3) + $0] }
                    })
                withExtendedLifetime((x, y)) {}
            }
        }
    }

    /// So that a precision, or another engine, is chosen in one place.
    @Test func everyFloatProductPassesThroughGemm() throws {
        let root = Fixtures.repository.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            guard !file.path.contains("/Tensor/Products/") else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for engine in [
                "cblas_sgemm", ".pointee.pack(", ".pointee.product(", ".pointee.outer_product(",
                ".pointee.narrow_pack(", ".pointee.narrow_product(", ".pointee.narrow_outer_product(",
            ] {
                #expect(!text.contains(engine), "\(file.lastPathComponent) calls \(engine)")
            }
        }
    }

    @Test func errorsShowBothShapes() throws {
        let error = #expect(throws: KitError.self) { try Tensor.zeros([2, 3]).matmul(Tensor.zeros([4, 5])) }
        #expect(error?.message == "matmul: inner axes do not fit: [.., 2, 3] x [.., 4, 5] (shapes [2, 3] and [4, 5])")
        #expect(throws: KitError.self) { try Tensor.zeros([3]).matmul(Tensor.zeros([3, 5])) }
        #expect(throws: KitError.self) { try Tensor.zeros([2, 2, 3]).matmul(Tensor.zeros([3, 3, 5])) }
        #expect(throws: KitError.self) { try Tensor.zeros([2, 3]).linear(Tensor.zeros([5, 4])) }
        #expect(throws: KitError.self) { try Tensor.zeros([2, 3]).linear(Tensor.zeros([5, 3]), Tensor.zeros([4])) }
    }
}
