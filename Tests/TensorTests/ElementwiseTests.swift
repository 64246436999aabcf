import Kit
import TestSupport
import Testing

@Suite struct ElementwiseTests {
    let oracle: Oracle
    init() throws { oracle = try Oracle("ops") }

    @Test func functionsEqualPyTorch() throws {
        try oracle.check("exp") { $0["x"].exp() }
        try oracle.check("log") { $0["x"].log() }
        try oracle.check("sqrt") { $0["x"].sqrt() }
        try oracle.check("sin") { $0["x"].sin() }
        try oracle.check("cos") { $0["x"].cos() }
        try oracle.check("abs") { $0["x"].abs() }
        try oracle.check("squared") { $0["x"].squared() }
        try oracle.check("negative") { -$0["x"] }
        try oracle.check("clamp") { try $0["x"].clamped(Float($0.number("low")), Float($0.number("high"))) }
        try oracle.check("power") { try $0["x"].power(Float($0.number("exponent"))) }
    }

    @Test func activationsEqualPyTorch() throws {
        try oracle.check("relu") { $0["x"].relu() }
        try oracle.check("sigmoid") { $0["x"].sigmoid() }
        try oracle.check("tanh") { $0["x"].tanh() }
        try oracle.check("swish") { $0["x"].swish() }
        try oracle.check("gelu") { $0["x"].gelu() }
    }

    @Test func arithmeticEqualsPyTorchForEveryBroadcast() throws {
        try oracle.check("add") { try $0["a"] + $0["b"] }
        try oracle.check("subtract") { try $0["a"] - $0["b"] }
        try oracle.check("multiply") { try $0["a"] * $0["b"] }
        try oracle.check("divide") { try $0["a"] / $0["b"] }
        try oracle.check("maximum") { try Tensor.maximum($0["a"], $0["b"]) }
        try oracle.check("minimum") { try Tensor.minimum($0["a"], $0["b"]) }
        try oracle.check("power_of") { try $0["a"].power($0["b"]) }
        try oracle.check("broadcast") { try $0["x"].broadcast(to: Shape($0.ints("shape"))) }
    }

    @Test func arithmeticWithNumbersEqualsPyTorch() throws {
        try oracle.check("add_number") { try $0["x"] + Float($0.number("number")) }
        try oracle.check("subtract_number") { try $0["x"] - Float($0.number("number")) }
        try oracle.check("from_number") { try Float($0.number("number")) - $0["x"] }
        try oracle.check("multiply_number") { try $0["x"] * Float($0.number("number")) }
        try oracle.check("divide_number") { try $0["x"] / Float($0.number("number")) }
        try oracle.check("number_by") { try Float($0.number("number")) / $0["x"] }
    }

    @Test func comparisonsGiveOnesAndZeros() throws {
        let a = Tensor([1, 2, 3], [3])
        #expect(try a.less(than: Tensor(2)).values == [1, 0, 0])
        #expect(try a.equal(to: Tensor(2)).values == [0, 1, 0])
        #expect(try a.less(than: Tensor([.nan, 5, 0], [3])).values == [0, 1, 0])
    }

    @Test func equalElementsShareTheGradientOfTheLarger() throws {
        let (a, b) = (Tensor([1, 5, 2], [3]), Tensor([1, 2, 3], [3]))
        a.requiresGrad = true
        b.requiresGrad = true
        try Tensor.maximum(a, b).sum().backward()
        #expect(a.grad?.values == [0.5, 1, 0])
        #expect(b.grad?.values == [0.5, 0, 1])
    }

    @Test func notANumberIsNotLost() throws {
        let x = Tensor([.nan, 1, -1], [3])
        let other = Tensor([2, .nan, -3], [3])
        for value in [try Tensor.maximum(x, other), try Tensor.minimum(x, other)] {
            #expect(value.values[0].isNaN && value.values[1].isNaN && !value.values[2].isNaN)
        }
        #expect(x.relu().values[0].isNaN)
        #expect(try x.max().item().isNaN)
        #expect(try x.min([0]).item().isNaN)
        #expect(try x.clamped(0, 1).values[0].isNaN)
    }

    @Test func shapesThatDoNotFitAreNamed() throws {
        let error = #expect(throws: KitError.self) { try Tensor.zeros([4, 3]) + Tensor.zeros([4, 5]) }
        #expect(
            error?.message.contains("add: shapes [4, 3] and [4, 5] do not fit: the second axis has 3 and 5") == true)
        #expect(throws: KitError.self) { try Tensor.zeros([4, 3]).broadcast(to: [3]) }
        #expect(throws: KitError.self) { try Tensor.zeros([3]).clamped(2, 1) }
    }

    @Test func resultsLargerThanTheMachineAreRefused() throws {
        let (column, row) = (Tensor.zeros([1 << 20, 1]), Tensor.zeros([1 << 20]))
        let error = #expect(throws: KitError.self) { try column * row }
        #expect(error?.message.contains("does not fit into this machine's memory") == true)
    }
}
