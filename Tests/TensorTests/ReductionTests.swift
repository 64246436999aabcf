import Kit
import TestSupport
import Testing

@Suite struct ReductionTests {
    @Test func reductionsEqualPyTorch() throws {
        let oracle = try Oracle("ops")
        try oracle.check("sum") { try $0["x"].sum($0.ints("axes"), keepDims: $0.bool("keep")) }
        try oracle.check("mean") { try $0["x"].mean($0.ints("axes"), keepDims: $0.bool("keep")) }
        try oracle.check("max") { try $0["x"].max($0.ints("axes"), keepDims: $0.bool("keep")) }
        try oracle.check("min") { try $0["x"].min($0.ints("axes"), keepDims: $0.bool("keep")) }
        try oracle.check("variance") {
            try $0["x"].variance($0.ints("axes"), correction: $0.int("correction"), keepDims: $0.bool("keep"))
        }
    }

    @Test func sumsStayPreciseOverMillionsOfElements() throws {
        // 0.1 is not exact in float32: adding it four million times in one float is off by several percent.
        let x = Tensor(repeating: 0.1, [1 << 22])
        #expect(abs(try x.sum().item() / (0.1 * Float(1 << 22)) - 1) < 1e-6)
        let columns = try x.reshaped([1 << 20, 4]).sum([0])
        #expect(columns.values.allSatisfy { abs($0 / (0.1 * Float(1 << 20)) - 1) < 1e-5 })
    }

    @Test func theFirstOfEqualElementsGetsTheGradient() throws {
        let x = Tensor([1, 3, 3, 0], [4])
        x.requiresGrad = true
        try x.max().backward()
        #expect(x.grad?.values == [0, 1, 0, 0])
    }

    @Test func errorsNameTheAxis() throws {
        let x = Tensor.zeros([2, 3])
        #expect(throws: KitError.usage("sum: axis 2 does not exist in a tensor of shape [2, 3]")) { try x.sum([2]) }
        #expect(throws: KitError.usage("mean: the second axis is named twice")) { try x.mean([1, -1]) }
        #expect(throws: KitError.self) { try Tensor.zeros([2, 0]).max([1]) }
        #expect(throws: KitError.self) { try Tensor.zeros([2, 0]).mean([1]) }
        #expect(throws: KitError.self) { try Tensor.zeros([1]).variance() }
        #expect(try Tensor.zeros([2, 0]).sum([1]).values == [0, 0])
    }
}
