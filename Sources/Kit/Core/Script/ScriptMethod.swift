/// One method of a `ScriptObject`, declared by Swift types from which its help, its checks and its errors follow:
///
///     ScriptMethod(
///         "select", on: Tensor.self, "The part at one index of an axis, without that axis.",
///         ScriptParameter("axis", Int.self), ScriptParameter("index", Int.self), returns: Tensor.self
///     ) { tensor, axis, index in try tensor.select(axis: axis, index) }
public struct ScriptMethod: @unchecked Sendable {
    public let name: String
    public let summary: String
    public let parameters: [any AnyScriptParameter]
    /// The type of what it returns, in the words of options' types: "tensor", "list of integers".
    public let returns: String
    /// Whether the arguments are the two operands, rather than what follows the object.
    public let isOperator: Bool
    private let body: (Any, [OptionValue]) throws -> OptionValue

    /// A method with a result.
    ///
    /// - Parameters:
    ///   - name: as Lua calls it.
    ///   - object: the type that it belongs to.
    ///   - summary: what it does, in a sentence.
    ///   - parameters: what follows the object in the call, in order.
    ///   - result: the type of what it returns.
    ///   - body: gets the object and the converted arguments.
    public init<Object, each Value, Result: OptionConvertible>(
        _ name: String, on object: Object.Type, _ summary: String, _ parameters: repeat ScriptParameter<each Value>,
        returns result: Result.Type, body: @escaping (Object, repeat each Value) throws -> Result
    ) {
        self.init(name, summary, (repeat each parameters), result) { try body($0, repeat each $1).optionValue }
    }

    /// A method that returns nothing.
    public init<Object, each Value>(
        _ name: String, on object: Object.Type, _ summary: String, _ parameters: repeat ScriptParameter<each Value>,
        body: @escaping (Object, repeat each Value) throws -> Void
    ) {
        self.init(name, summary, (repeat each parameters), Nothing.self) {
            try body($0, repeat each $1)
            return Nothing().optionValue
        }
    }

    private init<Object, each Value>(
        _ name: String, _ summary: String, _ parameters: (repeat ScriptParameter<each Value>),
        _ result: any OptionConvertible.Type, _ body: @escaping (Object, (repeat each Value)) throws -> OptionValue
    ) {
        var erased: [any AnyScriptParameter] = []
        repeat erased.append(each parameters)
        self.name = name
        self.summary = summary
        self.parameters = erased
        returns = result.optionTypeName
        isOperator = false
        self.body = { object, values in
            guard let object = object as? Object else {
                throw KitError.usage(
                    "\(name): called on \(OptionValue.object(object).givenText); write object:\(name)(...)")
            }
            var arguments = Arguments(method: name, object: object, rest: values[...])
            return try body(object, (repeat try arguments.next(each parameters)))
        }
    }

    /// A metamethod of two operands, such as `__add`, `__sub`, `__pow` or `__lt`: at least one of them is an object of
    /// the type that declares it, and either may be a number. `2 - tensor` gives `left` = 2, `right` = the tensor.
    public init<Left: OptionConvertible, Right: OptionConvertible, Result: OptionConvertible>(
        operator name: String, _ summary: String, returns result: Result.Type,
        body: @escaping (_ left: Left, _ right: Right) throws -> Result
    ) {
        self.name = name
        self.summary = summary
        parameters = [ScriptParameter("left", Left.self), ScriptParameter("right", Right.self)]
        returns = result.optionTypeName
        isOperator = true
        let sign = Self.sign(name) ?? name
        func operand<Operand: OptionConvertible>(_ value: OptionValue) throws -> Operand {
            do { return try Operand(option: value) } catch let mismatch as OptionMismatch {
                throw KitError.usage("\(sign): needs \(mismatch.expected), but was given \(value.givenText)")
            }
        }
        self.body = { _, values in try body(operand(values[0]), operand(values[1])).optionValue }
    }

    /// - Parameters:
    ///   - object: what the method is called on; not looked at by an operator, whose operands are both in `values`.
    ///   - values: the arguments; more than the method has parameters are an error.
    public func call(_ object: Any, _ values: [OptionValue]) throws -> OptionValue {
        let accepted = parameters.last?.isVariadic == true ? Int.max : parameters.count
        guard values.count <= accepted else {
            let takes = parameters.isEmpty ? "no arguments" : "(\(parameterList))"
            throw KitError.usage(
                "\(Self.callName(name, object)): takes \(takes), but was given "
                    + "\(values.count) argument\(values.count == 1 ? "" : "s")\(listHint(values))")
        }
        return try body(object, values)
    }

    /// Where the one argument is a list, as of `reshape`, and its items were given one by one: how to write it.
    private func listHint(_ values: [OptionValue]) -> String {
        guard parameters.count == 1, parameters[0].isList, values.allSatisfy(\.isPlain) else { return "" }
        return ": write x:\(name) \(values.optionText)"
    }

    /// What messages call a call of this method on an object.
    package func callName(_ object: Any) -> String { Self.callName(name, object) }

    /// The method's name; of a metamethod, such as that of an object that is called itself, what the object is:
    /// "kit.loss.nt_xent" for "kit.loss.nt_xent { temperature = 0.1 }".
    private static func callName(_ method: String, _ object: Any) -> String {
        guard method.hasPrefix("__"), let object = object as? any ScriptObject else { return method }
        return String(object.scriptLine.prefix { !" ({".contains($0) })
    }

    /// "mean([axis])": for help.
    public var signature: String { "\(name)(\(parameterList))" }

    private var parameterList: String {
        parameters.map { $0.isOptional ? "[\($0.name)]" : $0.name }.joined(separator: ", ")
    }

    /// How Lua writes a metamethod of two operands: "+" for "__add"; nil for any other method.
    package static func sign(_ name: String) -> String? {
        [
            "__add": "+", "__sub": "-", "__mul": "*", "__div": "/", "__pow": "^", "__mod": "%", "__concat": "..",
            "__lt": "<", "__le": "<=", "__eq": "==",
        ][name]
    }

    /// The arguments of one call, converted in order.
    private struct Arguments {
        let method: String
        let object: Any
        var rest: ArraySlice<OptionValue>

        /// The argument of the next parameter. Throws a `KitError` that names the parameter if it is of another type.
        mutating func next<Value>(_ parameter: ScriptParameter<Value>) throws -> Value {
            let given: OptionValue
            if parameter.isVariadic {
                given = .list(Array(rest))
                rest = []
            } else {
                given = rest.popFirst() ?? .null
            }
            do { return try parameter.convert(given) } catch let mismatch as OptionMismatch {
                let subject = "\(ScriptMethod.callName(method, object)): argument '\(parameter.name)'"
                throw KitError.usage(mismatch.message(subject, given))
            }
        }
    }
}
