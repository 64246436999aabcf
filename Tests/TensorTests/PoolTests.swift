import KitCore
import KitTensor
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set")) struct PoolTests {
    @Test func agreesWithPyTorchUnderEveryInstructionSet() throws {
        typealias Pool = (Tensor) -> ([Int], [Int]?, [Int]) throws -> Tensor
        try InstructionSet.forEachAvailable { _ in
            let oracle = try Oracle("convolution")
            for (name, pool): (String, Pool) in [
                ("avg_pool2d", Tensor.avgPool2d), ("avg_pool3d", Tensor.avgPool3d), ("max_pool2d", Tensor.maxPool2d),
                ("max_pool3d", Tensor.maxPool3d),
            ] {
                try oracle.check(name) {
                    try pool($0["x"])($0.ints("kernel"), $0.ints("stride"), $0.ints("padding"))
                }
            }
            try oracle.check("global_mean") { try $0["x"].globalMean() }
            try oracle.check("gated_swish") { try $0["x"].gatedSwish($0["gate"]) }
        }
    }

    @Test func maximaKeepNaNAndInfinity() throws {
        let x = Tensor([1, .nan, -.infinity, -.infinity, 2, .infinity], [1, 3, 2, 1])
        let y = try x.maxPool2d(kernel: [1, 2])
        #expect(y.values[0].isNaN)
        #expect(y.values[1] == -.infinity)
        #expect(y.values[2] == .infinity)
    }

    @Test func globalMeanKeepsAxesOnRequest() throws {
        let x = Tensor.ones([2, 3, 4, 5, 6])
        #expect(try x.globalMean().shape == [2, 6])
        #expect(try x.globalMean(keepDims: true).shape == [2, 1, 1, 1, 6])
        #expect(try x.globalMean().values == [Float](repeating: 1, count: 12))
    }

    @Test func wrongShapesAreRefused() {
        let x = Tensor.ones([1, 4, 4, 2])
        #expect(throws: KitError.self) { try x.maxPool2d(kernel: [3, 3], padding: [2, 2]) }
        #expect(throws: KitError.self) { try x.maxPool2d(kernel: [3]) }
        #expect(throws: KitError.self) { try x.avgPool3d(kernel: [1, 2, 2]) }
        #expect(throws: KitError.self) { try x.gatedSwish(.ones([1, 3])) }
        #expect(throws: KitError.self) { try Tensor.ones([2, 3]).globalMean() }
    }
}
