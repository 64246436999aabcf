import KitCore

/// Comparisons, order, running sums and further changes of layout of tensors in recipes.
extension Tensor {
    static var comparisonMethods: [ScriptMethod] {
        [
            pair("less_equal", "1 where the element is at most the other, else 0.") {
                try $0.less(than: $1) + $0.equal(to: $1)
            },
            pair("greater", "1 where the element is greater than the other, else 0.") { try $1.less(than: $0) },
            pair("greater_equal", "1 where the element is at least the other, else 0.") {
                try $1.less(than: $0) + $0.equal(to: $1)
            },
            pair("not_equal", "1 where the elements differ, else 0.") { 1 - (try $0.equal(to: $1)) },
            ScriptMethod(
                "where", on: Tensor.self,
                "The element of a where this tensor is not 0, else that of b, with broadcasting: x:less(0):where(0, x).",
                ScriptArgument("a", Operand.self), ScriptArgument("b", Operand.self), returns: Tensor.self
            ) { mask, a, b in try mask.choosing(a.asTensor, else: b.asTensor) },
        ]
    }

    static var orderMethods: [ScriptMethod] {
        [
            place(
                "argmax", "The index of the largest element along an axis, counted from 1; of all elements without one."
            ) { try $0.indexOfMax(axis: $1) },
            place(
                "argmin",
                "The index of the smallest element along an axis, counted from 1; of all elements without one."
            ) { try $0.indexOfMin(axis: $1) },
            ScriptMethod(
                "topk", on: Tensor.self,
                "The k largest elements along an axis, the last by default, largest first, and their indices, counted from 1.",
                ScriptArgument("k", Int.self), ScriptArgument("axis", Int?.self), returns: OrderedTensors.self
            ) { tensor, k, axis in
                OrderedTensors(
                    try tensor.top(k, axis: axis.map { try tensor.axis(fromScript: $0, "topk") } ?? -1))
            },
            ScriptMethod(
                "sort", on: Tensor.self,
                "The elements along an axis, the last by default, in ascending order, and their indices, counted from 1.",
                ScriptArgument("axis", Int?.self), ScriptArgument("descending", Bool.self, default: false),
                returns: OrderedTensors.self
            ) { tensor, axis, descending in
                OrderedTensors(
                    try tensor.sorted(
                        axis: axis.map { try tensor.axis(fromScript: $0, "sort") } ?? -1, descending: descending))
            },
            alongAxis("cumsum", "The sum of all elements up to each one along an axis, the last by default.") {
                try $0.cumulativeSum(axis: $1)
            },
            reduction("std", "The standard deviation, estimated by count - 1,") {
                try $0.variance($1, keepDims: $2).sqrt()
            },
            reduction("norm", "The Euclidean length") { try $0.norm($1, keepDims: $2) },
        ]
    }

    static var formMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "squeeze", on: Tensor.self, "Without an axis of extent 1, or without all of them.",
                ScriptArgument("axis", Int?.self), returns: Tensor.self
            ) { tensor, axis in
                guard let axis else { return try tensor.reshaped(Shape(tensor.shape.extents.filter { $0 != 1 })) }
                return try tensor.squeezed(axis: tensor.axis(fromScript: axis, "squeeze"))
            },
            ScriptMethod(
                "unsqueeze", on: Tensor.self, "With a new axis of extent 1 at a position; -1 adds it at the end.",
                ScriptArgument("axis", Int.self), returns: Tensor.self
            ) { tensor, axis in
                try tensor.unsqueezed(axis: plainAxis(axis, of: tensor.shape.rank + 1, "unsqueeze"))
            },
            ScriptMethod(
                "flatten", on: Tensor.self, "With the axes from one on merged into one; all by default.",
                ScriptArgument("axis", Int.self, default: 1), returns: Tensor.self
            ) { tensor, axis in
                guard tensor.shape.rank > 0 else { return try tensor.flattened() }
                return try tensor.flattened(from: tensor.axis(fromScript: axis, "flatten"))
            },
            ScriptMethod(
                "pad", on: Tensor.self, "With elements of one value, 0 by default, before and after it on an axis.",
                ScriptArgument("axis", Int.self), ScriptArgument("before", Int.self), ScriptArgument("after", Int.self),
                ScriptArgument("value", Double.self, default: 0), returns: Tensor.self
            ) { tensor, axis, before, after, value in
                try tensor.padded(
                    axis: tensor.axis(fromScript: axis, "pad"), before: before, after: after, with: Float(value))
            },
            ScriptMethod(
                "interpolate", on: Tensor.self,
                "The values of [batch, .., channels] at other extents of the axes between: linearly, from the nearest, or cubic, as PyTorch's bicubic.",
                ScriptArgument("extents", [Int].self), ScriptArgument("kind", Interpolation.self, default: .linear),
                returns: Tensor.self
            ) { tensor, extents, kind in try tensor.interpolated(to: extents, kind) },
            ScriptMethod(
                "assign", on: Tensor.self,
                "Overwrites all elements of a parameter or another tensor that was not computed, in place and without a gradient. Returns the tensor.",
                ScriptArgument("values", Operand.self), returns: Tensor.self
            ) { tensor, values in
                try tensor.assign(values.asTensor)
                return tensor
            },
        ]
    }

    private static func place(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, Int?) throws -> [Int]
    ) -> ScriptMethod {
        ScriptMethod(name, on: Tensor.self, summary, ScriptArgument("axis", Int?.self), returns: Tensor.self) {
            tensor, axis in
            let axis = try axis.map { try tensor.axis(fromScript: $0, name) }
            var extents = tensor.shape.extents
            if let axis { extents.remove(at: axis) } else { extents = [] }
            return Tensor(try body(tensor, axis).map { Float($0 + 1) }, Shape(extents))
        }
    }
}

/// Two results of a method: elements, and their indices counted from 1.
private struct OrderedTensors: OptionConvertible {
    static var optionTypeName: String { "tensor, tensor" }
    let optionValue: OptionValue

    init(_ ordered: Tensor.Ordered) {
        let indices = Tensor(ordered.indices.map { Float($0 + 1) }, ordered.values.shape)
        optionValue = .results([.object(ordered.values), .object(indices)])
    }

    init(option: OptionValue) throws { throw OptionMismatch(expected: "two tensors") }
}
