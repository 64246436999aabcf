import KitCore

/// Reductions and changes of layout of tensors in recipes, where axes and indices count from 1.
extension Tensor {
    static var reductionMethods: [ScriptMethod] {
        [
            reduction("sum", "The sum") { try $0.sum($1, keepDims: $2) },
            reduction("mean", "The mean") { try $0.mean($1, keepDims: $2) },
            reduction("variance", "The variance, estimated by count - 1,") { try $0.variance($1, keepDims: $2) },
            reduction("max", "The largest element") { try $0.max($1, keepDims: $2) },
            reduction("min", "The smallest element") { try $0.min($1, keepDims: $2) },
            alongAxis("softmax", "e^x / sum e^x along an axis, the last by default.") { try $0.softmax(axis: $1) },
            alongAxis("log_softmax", "x - ln sum e^x along an axis, the last by default.") {
                try $0.logSoftmax(axis: $1)
            },
            alongAxis("logsumexp", "ln sum e^x along an axis, the last by default.") { try $0.logSumExp(axis: $1) },
            ScriptMethod("normalize", on: Tensor.self, "Unit vectors along the last axis: x / |x|.", returns: "tensor")
            { tensor, _ in
                .object(try tensor.l2Normalized())
            },
        ]
    }

    static var layoutMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "reshape", on: Tensor.self, "The same elements under another shape; one extent may be -1.",
                [ScriptParameter("shape", "list of integers")], returns: "tensor"
            ) { tensor, arguments in .object(try tensor.reshaped(Shape(arguments.get(0)))) },
            ScriptMethod(
                "transpose", on: Tensor.self, "Swaps two axes, the last two by default.",
                [
                    ScriptParameter("first", "integer", optional: true),
                    ScriptParameter("second", "integer", optional: true),
                ], returns: "tensor"
            ) { tensor, arguments in
                .object(try tensor.transposed(axis(tensor, arguments, 0) ?? -2, axis(tensor, arguments, 1) ?? -1))
            },
            ScriptMethod(
                "permute", on: Tensor.self, "Axes in another order: the i-th of the list becomes axis i.",
                [ScriptParameter("order", "list of integers")], returns: "tensor"
            ) { tensor, arguments in
                let order = try arguments.get(0, as: [Int].self).map { try tensor.axis(fromScript: $0, "permute") }
                return .object(try tensor.permuted(order))
            },
            ScriptMethod(
                "slice", on: Tensor.self, "The part of an axis from index first to last, both included.",
                [
                    ScriptParameter("axis", "integer"), ScriptParameter("first", "integer"),
                    ScriptParameter("last", "integer", optional: true),
                ], returns: "tensor"
            ) { tensor, arguments in
                let axis = try tensor.axis(fromScript: arguments.get(0), "slice")
                let first = try tensor.index(fromScript: arguments.get(1), axis, "slice")
                let last = try tensor.index(fromScript: arguments.get(2, as: Int?.self) ?? -1, axis, "slice")
                guard first <= last else {
                    throw KitError.usage("slice: the first index \(first + 1) lies behind the last one \(last + 1)")
                }
                return .object(try tensor.slice(axis: axis, first..<last + 1))
            },
            ScriptMethod(
                "select", on: Tensor.self, "The part at one index of an axis, without that axis.",
                [ScriptParameter("axis", "integer"), ScriptParameter("index", "integer")], returns: "tensor"
            ) { tensor, arguments in
                let axis = try tensor.axis(fromScript: arguments.get(0), "select")
                return .object(
                    try tensor.select(axis: axis, tensor.index(fromScript: arguments.get(1), axis, "select")))
            },
            ScriptMethod(
                "__index", on: Tensor.self,
                "The part at an index of the first axis; nil behind the last, where ipairs ends.",
                [ScriptParameter("index", "integer")], returns: "tensor"
            ) { tensor, arguments in
                let index = try arguments.get(0, as: Int.self)
                let axis = try tensor.axis(fromScript: 1, "index")
                if index == tensor.shape[axis] + 1 { return .null }
                return .object(try tensor.select(axis: axis, tensor.index(fromScript: index, axis, "index")))
            },
            ScriptMethod(
                "gather", on: Tensor.self, "The parts at these indices of the first axis, in this order.",
                [ScriptParameter("indices", "list of integers")], returns: "tensor"
            ) { tensor, arguments in
                let indices = try arguments.get(0, as: [Int].self).map {
                    try tensor.index(fromScript: $0, tensor.axis(fromScript: 1, "gather"), "gather")
                }
                return .object(try tensor.gatherRows(indices))
            },
            ScriptMethod(
                "pick", on: Tensor.self, "One element of each row of a matrix, at that row's column.",
                [ScriptParameter("columns", "list of integers")], returns: "tensor"
            ) { tensor, arguments in
                let columns = try arguments.get(0, as: [Int].self).map {
                    try tensor.index(fromScript: $0, tensor.axis(fromScript: 2, "pick"), "pick")
                }
                return .object(try tensor.picked(columns: columns))
            },
        ]
    }

    private static func reduction(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, [Int]?, Bool) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(
            name, on: Tensor.self, "\(summary) over an axis or a list of axes, over all of them by default.",
            [
                ScriptParameter("axis", "integer or list", optional: true),
                ScriptParameter("keepdims", "boolean", optional: true),
            ], returns: "tensor"
        ) { tensor, arguments in
            let axes: [Int]? =
                switch try arguments.get(0, as: OptionValue.self) {
                case .null: nil
                case .list: try arguments.get(0, as: [Int].self)
                default: [try arguments.get(0)]
                }
            let plain = try axes?.map { try tensor.axis(fromScript: $0, name) }
            return .object(try body(tensor, plain, arguments.get(1, as: Bool?.self) ?? false))
        }
    }

    private static func alongAxis(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, Int) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(
            name, on: Tensor.self, summary, [ScriptParameter("axis", "integer", optional: true)], returns: "tensor"
        ) {
            tensor, arguments in .object(try body(tensor, axis(tensor, arguments, 0) ?? -1))
        }
    }

    /// An optional argument that is an axis.
    private static func axis(_ tensor: Tensor, _ arguments: ScriptArguments, _ position: Int) throws -> Int? {
        try arguments.get(position, as: Int?.self).map { try tensor.axis(fromScript: $0, "axis") }
    }

    /// Turns an axis as recipes count them into one that counts from 0. Throws, in the recipe's numbers, if there is none.
    public static func plainAxis(_ axis: Int, of rank: Int, _ operation: String) throws -> Int {
        guard let plain = plain(axis, rank) else {
            throw KitError.usage(
                "\(operation): axis \(axis) does not exist in a tensor of \(rank) axes; they count from 1, -1 is the last"
            )
        }
        return plain
    }

    private func axis(fromScript axis: Int, _ operation: String) throws -> Int {
        guard let plain = Self.plain(axis, shape.rank) else {
            throw KitError.usage(
                "\(operation): axis \(axis) does not exist in a tensor of shape \(shape); axes count from 1, -1 is the last"
            )
        }
        return plain
    }

    private func index(fromScript index: Int, _ axis: Int, _ operation: String) throws -> Int {
        guard let plain = Self.plain(index, shape[axis]) else {
            throw KitError.usage(
                "\(operation): index \(index) reaches outside axis \(axis + 1) of shape \(shape); indices count from 1, "
                    + "-1 is the last")
        }
        return plain
    }

    private static func plain(_ number: Int, _ count: Int) -> Int? {
        let plain = number < 0 ? number + count : number - 1
        return plain >= 0 && plain < count ? plain : nil
    }
}
