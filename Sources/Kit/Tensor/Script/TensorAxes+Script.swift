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
            ScriptMethod(
                "normalize", on: Tensor.self, "Unit vectors along the last axis: x / |x|.", returns: Tensor.self
            ) { try $0.l2Normalized() },
        ]
    }

    static var layoutMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "reshape", on: Tensor.self, "The same elements under another shape; one extent may be -1.",
                ScriptArgument("shape", [Int].self), returns: Tensor.self
            ) { tensor, shape in try tensor.reshaped(Shape(shape)) },
            ScriptMethod(
                "transpose", on: Tensor.self, "Swaps two axes, the last two by default.",
                ScriptArgument("first", Int?.self), ScriptArgument("second", Int?.self), returns: Tensor.self
            ) { tensor, first, second in
                func axis(_ given: Int?) throws -> Int? { try given.map { try tensor.axis(fromScript: $0, "axis") } }
                return try tensor.transposed(axis(first) ?? -2, axis(second) ?? -1)
            },
            ScriptMethod(
                "permute", on: Tensor.self, "Axes in another order: the i-th of the list becomes axis i.",
                ScriptArgument("order", [Int].self), returns: Tensor.self
            ) { tensor, order in
                try tensor.permuted(order.map { try tensor.axis(fromScript: $0, "permute") })
            },
            ScriptMethod(
                "slice", on: Tensor.self, "The part of an axis from index first to last, both included.",
                ScriptArgument("axis", Int.self), ScriptArgument("first", Int.self),
                ScriptArgument("last", Int.self, default: -1), returns: Tensor.self
            ) { tensor, axis, first, last in
                let axis = try tensor.axis(fromScript: axis, "slice")
                let first = try tensor.index(fromScript: first, axis, "slice")
                let last = try tensor.index(fromScript: last, axis, "slice")
                guard first <= last else {
                    throw KitError.usage("slice: the first index \(first + 1) is after the last one \(last + 1)")
                }
                return try tensor.slice(axis: axis, first..<last + 1)
            },
            ScriptMethod(
                "select", on: Tensor.self, "The part at one index of an axis, without that axis.",
                ScriptArgument("axis", Int.self), ScriptArgument("index", Int.self), returns: Tensor.self
            ) { tensor, axis, index in
                let axis = try tensor.axis(fromScript: axis, "select")
                return try tensor.select(axis: axis, tensor.index(fromScript: index, axis, "select"))
            },
            ScriptMethod(
                "__index", on: Tensor.self,
                "The part at an index of the first axis; nil after the last, where ipairs stops.",
                ScriptArgument("index", Int.self), returns: Tensor?.self
            ) { tensor, index in
                let axis = try tensor.axis(fromScript: 1, "index")
                if index == tensor.shape[axis] + 1 { return nil }
                return try tensor.select(axis: axis, tensor.index(fromScript: index, axis, "index"))
            },
            ScriptMethod(
                "gather", on: Tensor.self, "The parts at these indices of the first axis, in this order.",
                ScriptArgument("indices", [Int].self), returns: Tensor.self
            ) { tensor, indices in
                try tensor.gatherRows(
                    indices.map { try tensor.index(fromScript: $0, tensor.axis(fromScript: 1, "gather"), "gather") })
            },
            ScriptMethod(
                "split", on: Tensor.self,
                "The parts of an axis that follow each other, of these extents, as several results: local a, b = x:split(2, { 3, 5 }).",
                ScriptArgument("axis", Int.self), ScriptArgument("extents", [Int].self), returns: SplitTensors.self
            ) { tensor, axis, extents in
                SplitTensors(try tensor.split(axis: tensor.axis(fromScript: axis, "split"), extents))
            },
            ScriptMethod(
                "patches", on: Tensor.self,
                "The values of patches next to each other, of these extents along the axes between batch and channels: [batch, .., channels] to [batch, patches, values].",
                ScriptArgument("extents", [Int].self), returns: Tensor.self
            ) { tensor, extents in try tensor.patches(extents) },
            ScriptMethod(
                "gather_tokens", on: Tensor.self,
                "The tokens of each sample of [batch, tokens, width] at a list of places for each sample, counted from 1, in this order: [batch, places, width].",
                ScriptArgument("places", [[Int]].self), returns: Tensor.self
            ) { tensor, places in try tensor.gatheredTokens(plainPlaces(places)) },
            ScriptMethod(
                "scatter_tokens", on: Tensor.self,
                "The tokens of each sample of [batch, places, width] at their places, counted from 1, among so many tokens; all others are the filler, a number or a tensor of width elements: [batch, tokens, width].",
                ScriptArgument("places", [[Int]].self), ScriptArgument("tokens", Int.self),
                ScriptArgument("filler", Operand.self), returns: Tensor.self
            ) { tensor, places, tokens, filler in
                let width = tensor.shape.rank > 0 ? tensor.shape[-1] : 1
                let token: Tensor
                switch filler {
                case .tensor(let tensor): token = tensor
                case .number(let number): token = Tensor(repeating: number, [width])
                }
                return try tensor.scatteredTokens(plainPlaces(places), count: tokens, filler: token)
            },
            ScriptMethod(
                "pick", on: Tensor.self, "One element of each row of a matrix, at that row's column.",
                ScriptArgument("columns", [Int].self), returns: Tensor.self
            ) { tensor, columns in
                try tensor.picked(
                    columns: columns.map {
                        try tensor.index(fromScript: $0, tensor.axis(fromScript: 2, "pick"), "pick")
                    })
            },
        ]
    }

    /// Places that count from 1 as places that count from 0. Those that overflow stay outside of all tokens.
    private static func plainPlaces(_ places: [[Int]]) -> [[Int]] { places.map { $0.map { $0 &- 1 } } }

    static func reduction(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, [Int]?, Bool) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(
            name, on: Tensor.self, "\(summary) over an axis or a list of axes, over all of them by default.",
            ScriptArgument("axis", Either<Int, [Int]>?.self), ScriptArgument("keepdims", Bool.self, default: false),
            returns: Tensor.self
        ) { tensor, axis, keepDims in
            let axes: [Int]? =
                switch axis {
                case nil: nil
                case .first(let axis): [axis]
                case .second(let axes): axes
                }
            return try body(tensor, axes?.map { try tensor.axis(fromScript: $0, name) }, keepDims)
        }
    }

    static func alongAxis(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, Int) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(
            name, on: Tensor.self, summary, ScriptArgument("axis", Int?.self), returns: Tensor.self
        ) { tensor, axis in try body(tensor, axis.map { try tensor.axis(fromScript: $0, "axis") } ?? -1) }
    }

    /// Converts an axis of a recipe to one that counts from 0. If there is none, throws an error with the recipe's
    /// number.
    public static func plainAxis(_ axis: Int, of rank: Int, _ operation: String) throws -> Int {
        guard let plain = plain(axis, rank) else {
            throw KitError.usage(
                "\(operation): axis \(axis) does not exist in a tensor of \(counted(rank, "axis", "axes")); they count from 1, -1 is the last"
            )
        }
        return plain
    }

    func axis(fromScript axis: Int, _ operation: String) throws -> Int {
        guard let plain = Self.plain(axis, shape.rank) else {
            throw KitError.usage(
                "\(operation): axis \(axis) does not exist in a tensor of shape \(shape); axes count from 1, -1 is the last"
            )
        }
        return plain
    }

    func index(fromScript index: Int, _ axis: Int, _ operation: String) throws -> Int {
        guard let plain = Self.plain(index, shape[axis]) else {
            throw KitError.usage(
                "\(operation): index \(index) is outside axis \(axis + 1) of shape \(shape); indices count from 1, "
                    + "-1 is the last")
        }
        return plain
    }

    private static func plain(_ number: Int, _ count: Int) -> Int? {
        let plain = number < 0 ? number + count : number - 1
        return plain >= 0 && plain < count ? plain : nil
    }
}

/// The parts of a tensor as several results of a method.
private struct SplitTensors: OptionConvertible {
    static var optionTypeName: String { "tensor, ..." }
    let optionValue: OptionValue

    init(_ tensors: [Tensor]) { optionValue = .results(tensors.map { .object($0) }) }
    init(option: OptionValue) throws { throw OptionMismatch(expected: "tensors") }
}
