import CKernels
import KitTensor
import TestSupport
import Testing

/// The loops that measure the machine must do the work that their rates are computed from.
@Suite(.serialized, .alone("the instruction set")) struct LimitKernelTests {
    @Test func thePeakLoopMultipliesAndAddsInEveryRound() throws {
        let count = Int(DK_PEAK_FLOATS)
        let start = Pattern.tensor("x", [count + 1])
        try InstructionSet.forEachAvailable { name in
            let x = Tensor(start.values, [count + 1])
            dk_active.pointee.fma_peak(x.pointer, 0.75, 0.5, 7)
            for index in 0..<count {
                let expected = (0..<7).reduce(Double(start.pointer[index])) { value, _ in value * 0.75 + 0.5 }
                #expect(abs(Double(x.pointer[index]) - expected) < 1e-6, "\(name), \(index)")
            }
            #expect(x.pointer[count] == start.pointer[count], "\(name)")
        }
    }

    @Test func thePeakLoopOfPairsAddsBothProductsInEveryRound() throws {
        let count = Int(DK_PEAK_FLOATS)
        let start = Pattern.tensor("x", [count + 1])
        let (left, right) = (Float(bitPattern: 0x3f80_4000), Float(bitPattern: 0x3e80_3f00))  // (1, 2) and (0.25, 0.5)
        try InstructionSet.forEachAvailable { name in
            let x = Tensor(start.values, [count + 1])
            dk_active.pointee.pair_peak(x.pointer, left, right, 7)
            for index in 0..<count {
                let expected = Double(start.pointer[index]) + 7 * (1 * 0.25 + 2 * 0.5)
                #expect(abs(Double(x.pointer[index]) - expected) < 1e-5, "\(name), \(index)")
            }
            #expect(x.pointer[count] == start.pointer[count], "\(name)")
        }
    }

    @Test func thePeakLoopOfTilesAddsThirtyTwoProductsInEveryRound() throws {
        let count = Int(DK_TILE_PEAK_FLOATS)
        let start = Pattern.tensor("x", [count + 1])
        let (left, right) = (Float(bitPattern: 0x3f80_4000), Float(bitPattern: 0x3e80_3f00))  // (1, 2) and (0.25, 0.5)
        try InstructionSet.forEachAvailable { name in
            let x = Tensor(start.values, [count + 1])
            dk_active.pointee.tile_peak(x.pointer, left, right, 3)
            for index in 0..<count {
                let expected = Double(start.pointer[index]) + 3 * 16 * (1 * 0.25 + 2 * 0.5)
                #expect(abs(Double(x.pointer[index]) - expected) < 1e-4, "\(name), \(index)")
            }
            #expect(x.pointer[count] == start.pointer[count], "\(name)")
        }
    }

    @Test func triadEqualsAPlainLoop() throws {
        let (y, z) = (Pattern.tensor("y", [150]), Pattern.tensor("z", [150]))
        try InstructionSet.forEachAvailable { name in
            for count in [1, 16, 33, 149] {
                let x = Tensor(repeating: 7, [150])
                dk_active.pointee.triad(x.pointer, y.pointer, z.pointer, 3, count)
                for index in 0..<count {
                    let expected = Double(y.pointer[index]) + 3 * Double(z.pointer[index])
                    #expect(abs(Double(x.pointer[index]) - expected) < 1e-6, "\(name), \(index) of \(count)")
                }
                #expect(x.values[count...].allSatisfy { $0 == 7 }, "\(name), \(count)")
            }
        }
    }
}
