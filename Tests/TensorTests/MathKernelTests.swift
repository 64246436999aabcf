import CKernels
import Glibc
import Kit
import TestSupport
import Testing

/// The vector functions against the C library in double, over their whole range, on every instruction set.
@Suite(.serialized, .alone("the instruction set")) struct MathKernelTests {
    private func check(
        _ name: String, _ inputs: [Float], within tolerance: Double, _ op: (Tensor) -> Tensor,
        _ exact: (Double) -> Double
    ) throws {
        let x = Tensor(inputs, [inputs.count])
        try InstructionSet.forEachAvailable { isa in
            var worst = (error: 0.0, at: Float(0))
            for (value, result) in zip(inputs, op(x).values) {
                let expected = exact(Double(value))
                let error = abs(Double(result) - expected) / max(abs(expected), 1e-37)
                if error > worst.error || error.isNaN { worst = (error, value) }
            }
            #expect(worst.error <= tolerance, "\(name) with \(isa) at \(worst.at)")
        }
    }

    private func between(_ low: Float, _ high: Float) -> [Float] {
        (0...20_000).map { low + (high - low) * Float($0) / 20_000 }
    }

    @Test func logarithmIsPreciseFromSubnormalsToTheLargest() throws {
        try check("log near 1", between(0.5, 2), within: 2e-7, { $0.log() }, Glibc.log)
        let powers = (-149...127).flatMap {
            [Float(sign: .plus, exponent: $0, significand: 1), 1.7 * powf(2, Float($0))]
        }
        try check("log", powers, within: 2e-7, { $0.log() }, Glibc.log)
        try InstructionSet.forEachAvailable { isa in
            let limits = Tensor([0, -0.0, -1, .infinity, .nan], [5]).log().values
            #expect(limits[0] == -.infinity && limits[1] == -.infinity && limits[3] == .infinity, "\(isa)")
            #expect(limits[2].isNaN && limits[4].isNaN, "\(isa)")
        }
    }

    @Test func hyperbolicTangentIsPrecise() throws {
        try check("tanh", between(-12, 12), within: 3e-7, { $0.tanh() }, Glibc.tanh)
        try check("tanh", between(-1e-3, 1e-3), within: 3e-7, { $0.tanh() }, Glibc.tanh)
    }

    @Test func geluIsPreciseInBothTails() throws {
        let exact = { (x: Double) in 0.5 * x * erfc(-x / 2.0.squareRoot()) }
        try check("gelu", between(-5, 8), within: 3e-6, { $0.gelu() }, exact)
        // Far out, float32's rounding of x² / 2 inside the exponential shows.
        try check("gelu", between(-12, -5), within: 2e-5, { $0.gelu() }, exact)
    }

    @Test func sineAndCosineArePreciseForSmallAndLargeAngles() throws {
        for limit: Float in [1e-3, 7, 1e4, 1e8, 1e20] {
            try check("sin", between(-limit, limit), within: 2e-7, { $0.sin() }, Glibc.sin)
            try check("cos", between(-limit, limit), within: 2e-7, { $0.cos() }, Glibc.cos)
        }
        try InstructionSet.forEachAvailable { isa in
            let limits = Tensor([.infinity, -.infinity, .nan, 0], [4])
            #expect(limits.sin().values.prefix(3).allSatisfy { $0.isNaN }, "\(isa)")
            #expect(limits.cos().values.prefix(3).allSatisfy { $0.isNaN }, "\(isa)")
        }
    }

    @Test func squareRootIsExact() throws {
        try check("sqrt", between(0, 1e6), within: 6e-8, { $0.sqrt() }, Glibc.sqrt)
    }
}
