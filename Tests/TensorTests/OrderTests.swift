import Kit
import TestSupport
import Testing

/// Order, running sums, choices and changes of form, against PyTorch.
@Suite struct OrderTests {
    private func indices(_ ordered: Tensor.Ordered) -> Tensor {
        Tensor(ordered.indices.map(Float.init), ordered.values.shape)
    }

    @Test func sortedElementsAndTheLargestEqualPyTorchs() throws {
        let oracle = try Oracle("ops")
        try oracle.checkAll("sort") { each in
            let sorted = try each["x"].sorted(axis: each.int("axis"), descending: each.bool("descending"))
            return [sorted.values, indices(sorted)]
        }
        try oracle.checkAll("topk") { each in
            let top = try each["x"].top(each.int("k"), axis: each.int("axis"))
            return [top.values, indices(top)]
        }
    }

    @Test func placesOfExtremesEqualPyTorchs() throws {
        let oracle = try Oracle("ops")
        func check(_ name: String, _ body: (Tensor, Int) throws -> [Int]) throws {
            try oracle.check(name) { each in
                let axis = try each.int("axis")
                var extents = each["x"].shape.extents
                extents.remove(at: axis)
                return Tensor(try body(each["x"], axis).map(Float.init), Shape(extents))
            }
        }
        try check("argmax") { try $0.indexOfMax(axis: $1) }
        try check("argmin") { try $0.indexOfMin(axis: $1) }
        let x = Tensor([3, .nan, 9, 1], [4])
        #expect(try x.indexOfMax(axis: nil) == [1] && x.indexOfMin(axis: 0) == [1])
        #expect(try Tensor([2, 2, 1], [3]).indexOfMax(axis: 0) == [0])
        #expect(try x.sorted().indices == [3, 0, 2, 1])
        #expect(try x.sorted(descending: true).indices == [1, 2, 0, 3])
    }

    @Test func runningSumsLengthsAndDeviationsEqualPyTorchs() throws {
        let oracle = try Oracle("ops")
        try oracle.check("cumsum") { try $0["x"].cumulativeSum(axis: $0.int("axis")) }
        try oracle.check("std") { try $0["x"].variance([$0.int("axis")]).sqrt() }
        try oracle.check("norm") { try $0["x"].norm([$0.int("axis")]) }
        let zero = Tensor.zeros([3])
        zero.requiresGrad = true
        try zero.norm().backward()
        #expect(zero.grad?.values == [0, 0, 0])
    }

    @Test func choicesEdgesAndGridsEqualPyTorchs() throws {
        let oracle = try Oracle("ops")
        try oracle.check("where") { try Tensor(0).less(than: $0["m"]).choosing($0["a"], else: $0["b"]) }
        try oracle.check("pad") {
            try $0["x"].padded(axis: $0.int("axis"), before: $0.int("before"), after: $0.int("after"), with: 0.5)
        }
        try oracle.check("interpolate") {
            try $0["x"].interpolated(
                to: $0.ints("extents"), Tensor.Interpolation(option: .string($0.string("kind"))))
        }
        // What is not chosen has no influence, not even NaN.
        let x = Tensor([.nan, 4], [2])
        x.requiresGrad = true
        let y = try Tensor([1, 0], [2]).choosing(Tensor(1), else: x * 2)
        try y.sum().backward()
        #expect(y.values == [1, 8] && x.grad?.values == [0, 2])
    }

    @Test func sumsOfProductsEqualPyTorchs() throws {
        try Oracle("ops").check("einsum") { each in
            let names = each.inputs.keys.sorted()
            return try Tensor.einsum(each.string("formula"), names.map { each[$0] })
        }
    }

    @Test(arguments: [
        ("ij,jk", "must have one ->"), ("ij,jk->iz", "has 'z' only in the result"),
        ("ij,ik->jk", "has 'i' with 2 in tensor 1, but 3 in tensor 2"), ("ii,jk->k", "has 'i' twice in tensor 1"),
        ("ij->i", "has 1 operand, but is given 2 tensors"), ("i.,jk->k", "has '.': axes are letters"),
        ("ijk,jk->i", "gives tensor 1 3 axes, but its shape is [2, 3]"), ("ij,jk->ii", "has 'i' twice in the result"),
    ]) func wrongFormulasAreExplained(_ formula: String, _ message: String) {
        let error = #expect(throws: KitError.self) { try Tensor.einsum(formula, [.ones([2, 3]), .ones([3, 4])]) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func assignmentOverwritesInPlace() throws {
        let x = Tensor([1, 2, 3, 4], [2, 2])
        x.requiresGrad = true
        try x.assign(Tensor([5, 6], [2]))
        #expect(x.values == [5, 6, 5, 6])
        try x.assign(try x.detached().transposed())
        #expect(x.values == [5, 5, 6, 6])
        #expect(throws: KitError.self) { try (x * 2).assign(x) }
        #expect(throws: KitError.self) { try x.assign(.ones([3])) }
        try Autograd.repeating { try x.assign(Tensor(0)) }
        #expect(x.values == [5, 5, 6, 6])
    }
}
