import CKernels
import Glibc
import KitCore
import KitTensor
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set")) struct InstructionSetTests {
    @Test func everyInstructionSetGivesTheSameElementwiseResults() throws {
        var random = RandomStream(seed: 1)
        for count in [1, 3, 16, 37, 1001] {
            let x = Tensor.uniform([count], -30, 30, &random)
            let gradient = Tensor.uniform([count], -1, 1, &random)
            try InstructionSet.forEachAvailable { name in
                let y = Tensor(uninitialized: [count + 1])
                y.pointer[count] = 7  // Must survive: kernels do not write past the end.
                func check(_ what: String, _ expected: (Double, Double) -> Double) {
                    for i in 0..<count {
                        let value = expected(Double(x.pointer[i]), Double(gradient.pointer[i]))
                        #expect(
                            abs(Double(y.pointer[i]) - value) <= 3e-7 * abs(value) + 1e-12,
                            "\(what) of \(x.pointer[i]) with \(name)")
                    }
                    #expect(y.pointer[count] == 7)
                }
                let kernels = dk_active.pointee
                kernels.exponential(x.pointer, y.pointer, count)
                check("exponential") { x, _ in exp(x) }
                kernels.sigmoid(x.pointer, y.pointer, count)
                check("sigmoid") { x, _ in 1 / (1 + exp(-x)) }
                kernels.swish(x.pointer, y.pointer, count)
                check("swish") { x, _ in x / (1 + exp(-x)) }
            }
        }
    }

    @Test func exponentialKeepsItsLimits() throws {
        try InstructionSet.forEachAvailable { name in
            let x = Tensor([-.infinity, -100, -87.4, 0, 88.5, 89.5, .infinity, .nan, 1], [9])
            let y = Tensor(uninitialized: [9])
            dk_active.pointee.exponential(x.pointer, y.pointer, 9)
            let values = y.values
            #expect(values[0] == 0 && values[1] == 0 && values[2] == 0, "\(name)")
            #expect(values[3] == 1)
            #expect(abs(values[4] / 2.7230876e38 - 1) < 1e-6, "\(name): \(values[4])")
            #expect(values[5] == .infinity && values[6] == .infinity, "\(name)")
            #expect(values[7].isNaN)
        }
    }

    @Test func unknownNamesAreRefused() {
        #expect(throws: KitError.self) { try InstructionSet.use("avx9000") }
        #expect(InstructionSet.available.last == "baseline")
    }

    @Test func missingOnesAreRefusedWithTheReason() {
        for (name, reason) in InstructionSet.better where !InstructionSet.available.contains(name) {
            #expect {
                try InstructionSet.use(name)
            } throws: {
                String(describing: $0).contains("instruction set '\(name)': \(reason) (this processor has: ")
            }
        }
    }

    @Test func emulatedOnesAreUsedOnlyIfNamed() throws {
        let before = InstructionSet.active
        defer { try? InstructionSet.use(before) }
        #expect(InstructionSet.emulated == ["amx_bf16_emulated"])
        #expect(!InstructionSet.available.contains("amx_bf16_emulated"))
        try InstructionSet.use("amx_bf16_emulated")
        #expect(InstructionSet.active == "amx_bf16_emulated")
        try InstructionSet.use("baseline")
        #expect(InstructionSet.better.map(\.name).contains("amx_bf16_emulated") == false)
        for name in InstructionSet.available.dropLast() {
            #expect(InstructionSet.better.contains { $0 == (name, "baseline was asked for") })
        }
    }
}
