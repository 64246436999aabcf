/// A method of a `ScriptObject`. Its help, checks and errors follow from the declared Swift types:
///
///     ScriptMethod(
///         "select", on: Tensor.self, "The part at one index of an axis, without that axis.",
///         ScriptArgument("axis", Int.self), ScriptArgument("index", Int.self), returns: Tensor.self
///     ) { tensor, axis, index in try tensor.select(axis: axis, index) }
public struct ScriptMethod: @unchecked Sendable {
    public let name: String
    public let summary: String
    public let arguments: [any AnyScriptArgument]
    /// The type of what it returns, in the words of options' types: "tensor", "list of integers".
    public let returns: String
    /// Whether the arguments are two operands, rather than the values after the object.
    public let isOperator: Bool
    private let body: (Any, [OptionValue]) throws -> OptionValue

    /// A method with a result.
    ///
    /// - Parameters:
    ///   - name: as Lua calls it.
    ///   - object: the type that it belongs to.
    ///   - summary: what it does, in a sentence.
    ///   - arguments: the arguments after the object, in order.
    ///   - result: the type of what it returns.
    ///   - body: takes the object and the converted arguments.
    public init<Object, each Value, Result: OptionConvertible>(
        _ name: String, on object: Object.Type, _ summary: String, _ arguments: repeat ScriptArgument<each Value>,
        returns result: Result.Type, body: @escaping (Object, repeat each Value) throws -> Result
    ) {
        self.init(name, summary, (repeat each arguments), result) { try body($0, repeat each $1).optionValue }
    }

    /// A method that returns nothing.
    public init<Object, each Value>(
        _ name: String, on object: Object.Type, _ summary: String, _ arguments: repeat ScriptArgument<each Value>,
        body: @escaping (Object, repeat each Value) throws -> Void
    ) {
        self.init(name, summary, (repeat each arguments), Nothing.self) {
            try body($0, repeat each $1)
            return Nothing().optionValue
        }
    }

    private init<Object, each Value>(
        _ name: String, _ summary: String, _ arguments: (repeat ScriptArgument<each Value>),
        _ result: any OptionConvertible.Type, _ body: @escaping (Object, (repeat each Value)) throws -> OptionValue
    ) {
        var erased: [any AnyScriptArgument] = []
        repeat erased.append(each arguments)
        self.name = name
        self.summary = summary
        self.arguments = erased
        returns = result.optionTypeName
        isOperator = false
        self.body = { object, values in
            guard let object = object as? Object else {
                throw KitError.usage(
                    "\(name): called on \(OptionValue.object(object).givenText); write object:\(name)(...)")
            }
            var given = Arguments(method: name, arguments: erased, object: object, rest: values[...])
            return try body(object, (repeat try given.next(each arguments)))
        }
    }

    /// A metamethod of two operands, such as `__add`, `__sub`, `__pow` or `__lt`. At least one of them is an object of
    /// the declaring type, and the other may be a number. For `2 - tensor`, `left` is 2 and `right` the tensor.
    public init<Left: OptionConvertible, Right: OptionConvertible, Result: OptionConvertible>(
        operator name: String, _ summary: String, returns result: Result.Type,
        body: @escaping (_ left: Left, _ right: Right) throws -> Result
    ) {
        self.name = name
        self.summary = summary
        arguments = [ScriptArgument("left", Left.self), ScriptArgument("right", Right.self)]
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
    ///   - object: the object that the method is called on. An operator ignores it, since both operands are in
    ///     `values`.
    ///   - values: the arguments; more than the method takes are an error.
    public func call(_ object: Any, _ values: [OptionValue]) throws -> OptionValue {
        let accepted = arguments.last?.isVariadic == true ? Int.max : arguments.count
        guard values.count <= accepted else {
            let takes = arguments.isEmpty ? "no arguments" : "(\(Self.list(arguments)))"
            throw KitError.usage(
                "\(Self.callName(name, object)): takes \(takes), but was given "
                    + "\(values.count) argument\(values.count == 1 ? "" : "s")\(listHint(values))")
        }
        return try body(object, values)
    }

    /// The right call, if the only argument is a list, as for `reshape`, and its items were given one by one.
    private func listHint(_ values: [OptionValue]) -> String {
        guard arguments.count == 1, arguments[0].isList, values.allSatisfy(\.isPlain) else { return "" }
        return ": write x:\(name) \(values.optionText)"
    }

    /// The name of a call of this method, for messages.
    package func callName(_ object: Any) -> String { Self.callName(name, object) }

    /// The method's name. For a metamethod, such as a call of the object itself, the object's name: "kit.loss.nt_xent"
    /// for "kit.loss.nt_xent { temperature = 0.1 }".
    private static func callName(_ method: String, _ object: Any) -> String {
        guard method.hasPrefix("__"), let object = object as? any ScriptObject else { return method }
        return String(object.scriptLine.prefix { !" ({".contains($0) })
    }

    /// "mean([axis])": for help.
    public var signature: String { "\(name)(\(Self.list(arguments)))" }

    private static func list(_ arguments: [any AnyScriptArgument]) -> String {
        arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }.joined(separator: ", ")
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
        let arguments: [any AnyScriptArgument]
        let object: Any
        var rest: ArraySlice<OptionValue>
        private var position = 0

        init(method: String, arguments: [any AnyScriptArgument], object: Any, rest: ArraySlice<OptionValue>) {
            (self.method, self.arguments, self.object, self.rest) = (method, arguments, object, rest)
        }

        /// The value of the next argument. Throws a `KitError` that names the argument if it is missing or of the wrong
        /// type.
        mutating func next<Value>(_ parameter: ScriptArgument<Value>) throws -> Value {
            let given: OptionValue
            position += 1
            if !parameter.isOptional {
                guard let first = rest.first else { throw missing(parameter.name) }
                if let plugin = pluginWithOptions(first) {
                    throw missing(parameter.name, ", and its options belong in \(plugin.qualifiedName) { ... }")
                }
            }
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

        private func missing(_ name: String, _ advice: String = "") -> KitError {
            let ordinals = ["first", "second", "third", "fourth"]
            let which = position <= ordinals.count ? "\(ordinals[position - 1]) argument" : "argument \(position)"
            return .usage(
                "\(ScriptMethod.callName(method, object)): the \(which), '\(name)', is missing: it takes "
                    + "(\(ScriptMethod.list(arguments)))\(advice)")
        }

        /// The plugin that is called, if a table of its options stands in the place of an argument.
        private func pluginWithOptions(_ value: OptionValue) -> (any Plugin)? {
            guard method == "__call", let plugin = object as? any Plugin, case .table(let table) = value,
                table.list.isEmpty
            else { return nil }
            let names = plugin.declaredOptions.map(\.name)
            return table.named.allSatisfy { names.contains($0.key) } ? plugin : nil
        }
    }
}
