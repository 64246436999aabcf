import CKernels
import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set")) struct RandomTensorTests {
    @Test func elementsAreTheStreamsNumbersInOrder() {
        for start in [UInt64(0), 1, 77] {
            for count in [0, 1, 5, 4096, 10_001] {
                var (a, b) = (RandomStream(seed: 9, position: start), RandomStream(seed: 9, position: start))
                let uniform = Tensor.uniform([count], -2, 3, &a)
                #expect(uniform.values == (0..<count).map { _ in -2 + 5 * b.uniform() })
                #expect(a == b)
                let normal = Tensor.normal([count], mean: 1, deviation: 0.5, &a)
                // The kernel's logarithm and cosine differ from the C library's by 1e-13, which may round otherwise.
                #expect(normal.values.allSatisfy { abs($0 - (1 + 0.5 * b.normal())) <= 4.8e-7 })
                #expect(a == b)
            }
        }
    }

    @Test func everyInstructionSetGivesTheSameNumbers() throws {
        var results: [[Float]] = []
        try InstructionSet.forEachAvailable { _ in
            var random = RandomStream(seed: 9)
            results.append(Tensor.uniform([1001], 0, 1, &random).values)
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// The ends of what the logarithm, the root and the cosine can get.
    @Test func extremeNumbersBecomeWhatTheScalarFormMakesOfThem() throws {
        let halves: [UInt64] = [0, 1, 2, 0x3fff_ffff, 0x4000_0000, 0x8000_0000, 0xb504_f333, 0xffff_fffe, 0xffff_ffff]
        let numbers = halves.flatMap { high in halves.map { high << 32 | $0 } }
        try InstructionSet.forEachAvailable { _ in
            var values = [Float](repeating: .nan, count: numbers.count)
            dk_active.pointee.normal_numbers(numbers, 0, 1, &values, numbers.count)
            for (number, value) in zip(numbers, values) {
                let expected = RandomStream.normal(number)
                // Near a quarter turn libm's argument is rounded: 6e-17 of the radius.
                #expect(abs(value - expected) <= 1e-7 * abs(expected) + 1e-15, "\(String(number, radix: 16))")
            }
        }
    }
}
