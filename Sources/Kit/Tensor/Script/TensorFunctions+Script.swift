import KitCore

/// Arithmetic and element-wise functions of tensors in recipes.
extension Tensor {
    /// A tensor or a number, as an operand.
    enum Operand: OptionConvertible {
        case tensor(Tensor)
        case number(Float)

        static var optionTypeName: String { "tensor or number" }

        init(option: OptionValue) throws {
            switch option {
            case .int(let value): self = .number(Float(value))
            case .number(let value): self = .number(Float(value))
            case .object(let tensor as Tensor): self = .tensor(tensor)
            default: throw OptionMismatch(expected: "a tensor or a number")
            }
        }

        var optionValue: OptionValue {
            switch self {
            case .tensor(let tensor): .object(tensor)
            case .number(let number): .number(Double(number))
            }
        }

        var asTensor: Tensor {
            switch self {
            case .tensor(let tensor): tensor
            case .number(let number): Tensor(number)
            }
        }
    }

    private static func binary(
        _ name: String, _ summary: String, tensors: @escaping (Tensor, Tensor) throws -> Tensor,
        right: @escaping (Tensor, Float) throws -> Tensor, left: @escaping (Float, Tensor) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(operator: name, summary, returns: Tensor.self) { (a: Operand, b: Operand) in
            switch (a, b) {
            case (.tensor(let a), .tensor(let b)): try tensors(a, b)
            case (.tensor(let a), .number(let b)): try right(a, b)
            case (.number(let a), .tensor(let b)): try left(a, b)
            case (.number, .number):
                throw KitError.usage("\(ScriptMethod.sign(name) ?? name): needs a tensor on one side")
            }
        }
    }

    static var operatorMethods: [ScriptMethod] {
        [
            binary(
                "__add", "Sum, with broadcasting.", tensors: { try $0 + $1 }, right: { $0 + $1 }, left: { $0 + $1 }
            ),
            binary(
                "__sub", "Difference, with broadcasting.", tensors: { try $0 - $1 }, right: { $0 - $1 },
                left: { $0 - $1 }),
            binary(
                "__mul", "Product of elements, with broadcasting.", tensors: { try $0 * $1 }, right: { $0 * $1 },
                left: { $0 * $1 }),
            binary(
                "__div", "Quotient, with broadcasting.", tensors: { try $0 / $1 }, right: { $0 / $1 },
                left: { $0 / $1 }),
            binary(
                "__pow", "Power, with broadcasting.", tensors: { try $0.power($1) }, right: { $0.power($1) },
                left: { try Tensor($0).power($1) }),
            ScriptMethod(operator: "__concat", "Refuses to concatenate: tensors are not strings.", returns: Tensor.self)
            {
                (_: OptionValue, _: OptionValue) in
                throw KitError.usage(
                    "..: cannot concatenate a tensor: use x:item() for the number of a scalar, or tostring(x) for what print shows"
                )
            },
            ScriptMethod("__unm", on: Tensor.self, "The negative of every element.", returns: Tensor.self) { -$0 },
            ScriptMethod("__len", on: Tensor.self, "The extent of the first axis.", returns: Int.self) { tensor in
                guard tensor.shape.rank > 0 else { throw KitError.usage("#: a scalar has no axes") }
                return tensor.shape[0]
            },
        ]
    }

    static var functionMethods: [ScriptMethod] {
        [
            function("exp", "e to the power of every element.") { $0.exp() },
            function("log", "The natural logarithm of every element.") { $0.log() },
            function("sqrt", "The square root of every element.") { $0.sqrt() },
            function("sin", "The sine of every element, in radians.") { $0.sin() },
            function("cos", "The cosine of every element, in radians.") { $0.cos() },
            function("abs", "The absolute value of every element.") { $0.abs() },
            function("relu", "max(x, 0).") { $0.relu() },
            function("sigmoid", "1 / (1 + e^-x).") { $0.sigmoid() },
            function("tanh", "The hyperbolic tangent.") { $0.tanh() },
            function("swish", "x sigmoid(x).") { $0.swish() },
            function("gelu", "x times the normal distribution's probability below x (by erf).") { $0.gelu() },
            ScriptMethod(
                "clamp", on: Tensor.self, "Every element, limited to low ... high.",
                ScriptArgument("low", Double?.self), ScriptArgument("high", Double?.self), returns: Tensor.self
            ) { tensor, low, high in try tensor.clamped(Float(low ?? -.infinity), Float(high ?? .infinity)) },
            pair("maximum", "The larger of two elements, with broadcasting.") { try Tensor.maximum($0, $1) },
            pair("minimum", "The smaller of two elements, with broadcasting.") { try Tensor.minimum($0, $1) },
            pair("less", "1 where the element is less than the other, else 0.") { try $0.less(than: $1) },
            pair("equal", "1 where both elements are equal, else 0.") { try $0.equal(to: $1) },
            pair("matmul", "Matrix product [.., m, k] x [.., k, n]; leading axes are batches.") { try $0.matmul($1) },
        ]
    }

    private static func function(
        _ name: String, _ summary: String, _ body: @escaping (Tensor) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(name, on: Tensor.self, summary, returns: Tensor.self, body: body)
    }

    static func pair(
        _ name: String, _ summary: String, _ body: @escaping (Tensor, Tensor) throws -> Tensor
    ) -> ScriptMethod {
        ScriptMethod(
            name, on: Tensor.self, summary, ScriptArgument("other", Operand.self), returns: Tensor.self
        ) { tensor, other in try body(tensor, other.asTensor) }
    }
}
