import Kit
import TestSupport
import Testing

@Suite struct LayoutTests {
    @Test func permutationsAndPartsEqualPyTorch() throws {
        let oracle = try Oracle("ops")
        try oracle.check("permute") { try $0["x"].permuted($0.ints("order")) }
        try oracle.check("slice") { try $0["x"].slice(axis: $0.int("axis"), $0.int("start")..<$0.int("end")) }
        try oracle.check("select") { try $0["x"].select(axis: $0.int("axis"), $0.int("index")) }
        try oracle.check("gather") { try $0["x"].gatherRows($0.ints("indices")) }
        try oracle.check("pick") { try $0["x"].picked(columns: $0.ints("columns")) }
        try oracle.check("concat") { try Tensor.concat([$0["a"], $0["b"], $0["c"]], axis: $0.int("axis")) }
        try oracle.check("stack") { try Tensor.stack([$0["a"], $0["b"]], axis: $0.int("axis")) }
    }

    @Test func largeTransposesMoveEveryElement() throws {
        let x = Pattern.tensor("x", [3, 257, 131])
        let y = try x.transposed()
        for plane in 0..<3 {
            for row in 0..<257 {
                for column in 0..<131 {
                    let (from, to) = ((plane * 257 + row) * 131 + column, (plane * 131 + column) * 257 + row)
                    if x.pointer[from] != y.pointer[to] { Issue.record("element \(plane) \(row) \(column)") }
                }
            }
        }
        #expect(try y.transposed(1, 2).values == x.values)
    }

    @Test func reshapesAreViews() throws {
        let x = Pattern.tensor("x", [2, 3, 4])
        for (view, shape) in [
            (try x.reshaped([4, 6]), [4, 6]), (try x.reshaped([-1, 2]), [12, 2]), (try x.flattened(), [24]),
            (try x.flattened(from: 1), [2, 12]), (try x.unsqueezed(axis: -1), [2, 3, 4, 1]),
            (try x.unsqueezed(axis: 0).squeezed(axis: 0), [2, 3, 4]),
        ] {
            #expect(view.shape == Shape(shape))
            #expect(view.pointer == x.pointer)
        }
        #expect(try x.slice(axis: 0, 1..<2).pointer == x.pointer + 12)
        #expect(try Tensor(3).reshaped([1, 1]).values == [3])
    }

    @Test func errorsNameWhatIsWrong() throws {
        let x = Tensor.zeros([2, 3])
        #expect(throws: KitError.usage("reshape: 6 elements of shape [2, 3] do not fill shape [4, -1]")) {
            try x.reshaped([4, -1])
        }
        #expect(throws: KitError.self) { try x.reshaped([-1, -1]) }
        #expect(throws: KitError.self) { try x.reshaped([-2, -3]) }
        #expect(throws: KitError.usage("slice: 1..<4 is outside the first axis of shape [2, 3]")) {
            try x.slice(axis: 0, 1..<4)
        }
        #expect(throws: KitError.self) { try x.select(axis: 1, 3) }
        #expect(throws: KitError.self) { try x.squeezed(axis: 1) }
        #expect(throws: KitError.self) { try x.permuted([0, 0]) }
        #expect(throws: KitError.self) { try x.gatherRows([2]) }
        #expect(throws: KitError.self) { try x.picked(columns: [0, 3]) }
        #expect(throws: KitError.self) { try Tensor.concat([]) }
        #expect(
            throws: KitError.usage(
                "concat: tensor 2 of shape [2, 2] does not fit the first one's [2, 3] along the first axis")
        ) {
            try Tensor.concat([x, Tensor.zeros([2, 2])])
        }
        #expect(throws: KitError.self) { try Tensor.concat([x, Tensor.zeros([6])], axis: 1) }
        #expect(throws: KitError.self) { try Tensor.stack([x, Tensor.zeros([3])]) }
        #expect(throws: KitError.self) { try Tensor.stack([x, x], axis: 4) }
    }
}
