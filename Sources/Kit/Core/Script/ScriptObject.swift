/// A native object that a recipe can hold and call: tensors, modules, datasets...
///
/// A type lists its methods next to its definition; the Lua binding, `help()` and the reference pages derive from them.
public protocol ScriptObject: AnyObject, SendableMetatype {
    /// How messages and `help` call the type: "tensor", "module".
    static var scriptTypeName: String { get }
    /// What it is, in one sentence.
    static var scriptSummary: String { get }
    /// Methods, called in Lua as `object:name(...)`. Names with two underscores are Lua's metamethods: `__add`, `__call`.
    static var scriptMethods: [ScriptMethod] { get }
    /// The properties that every object of the type has, with their types: for editors.
    static var scriptFields: [ScriptParameter] { get }
    /// A value for `object.key` where `key` is no method; nil if there is no such property.
    func scriptProperty(_ name: String) -> OptionValue?
    /// The keys that `scriptProperty` answers to: for "did you mean", `pairs(object)` and completion.
    var scriptPropertyNames: [String] { get }
    /// Why there is no such key, or where it may yet come from, if it resembles none: ends the message. Empty by default.
    func scriptAbsence(of name: String) -> String
    /// What other libraries call that which this type has, with how a recipe writes it: `["size": "x:shape()"]`. It is
    /// shown to who writes the foreign name, which remains an error. None by default.
    static var scriptForeignNames: [String: String] { get }
    /// What `print(object)` shows.
    var scriptDescription: String { get }
    /// What the prompt shows for it: as much as one wants to look at. `scriptDescription` unless the type says otherwise.
    var scriptDisplay: String { get }
    /// What stands for it inside a table: one line. The first of `scriptDescription` unless the type says otherwise.
    var scriptLine: String { get }
    /// What messages call it where it was given for something else: "tensor", "loss clip". The type, and which of its
    /// plugins it is, unless the type says otherwise.
    var scriptGiven: String { get }
    /// Native bytes that live as long as the object: charged to Lua's collector.
    var scriptBytes: Int { get }
    /// Whether Ctrl-C may end a method in the middle of its work. Only where methods write into nothing but what they return;
    /// false unless the type says otherwise.
    static var scriptMethodsCanBeAbandoned: Bool { get }
}

extension ScriptObject {
    public static var scriptFields: [ScriptParameter] { [] }
    public func scriptProperty(_ name: String) -> OptionValue? { nil }
    public var scriptPropertyNames: [String] { [] }
    public func scriptAbsence(of name: String) -> String { "" }
    public static var scriptForeignNames: [String: String] { [:] }
    public var scriptDescription: String { Self.scriptTypeName }
    public var scriptDisplay: String { scriptDescription }
    public var scriptLine: String { String(scriptDescription.prefix { $0 != "\n" }) }
    public var scriptGiven: String {
        let type = Self.scriptTypeName
        guard let name = (self as? any Plugin)?.declaration.name, name != type else { return type }
        return "\(type) \(name)"
    }
    public var scriptBytes: Int { 0 }
    public static var scriptMethodsCanBeAbandoned: Bool { false }
}

/// A function from Lua, callable from native code.
public protocol ScriptFunction: AnyObject {
    /// Calls it and returns all its results; throws what it raises as a `KitError` that carries the recipe's file and line.
    func results(_ arguments: [OptionValue]) throws -> [OptionValue]
}

extension ScriptFunction {
    /// Calls it and returns its first result; nil if it has none.
    public func call(_ arguments: [OptionValue]) throws -> OptionValue { try results(arguments).first ?? .null }
}

/// Several results of a call, or none: `OptionValue.results`.
public final class ReturnedValues {
    public let values: [OptionValue]
    init(_ values: [OptionValue]) { self.values = values }
}

extension OptionValue {
    /// What a method or function returns that has another number of results than one. Not to be put into a list or table.
    public static func results(_ values: [OptionValue]) -> OptionValue { .object(ReturnedValues(values)) }
}

/// One method of a `ScriptObject`.
public struct ScriptMethod: @unchecked Sendable {
    public let name: String
    public let summary: String
    public let parameters: [ScriptParameter]
    /// The type of what it returns, in the words of options' types: "tensor", "list of integers"; "value" if nobody said.
    public let returns: String
    /// Whether the arguments are the two operands, rather than what follows the object.
    public let isOperator: Bool
    private let body: (Any, ScriptArguments) throws -> OptionValue

    /// - Parameters:
    ///   - name: as Lua calls it.
    ///   - object: the type that it belongs to.
    ///   - summary: what it does, in a sentence.
    ///   - parameters: what follows the object in the call, in order.
    ///   - returns: the type of the result, in the words of options' types.
    ///   - body: gets the object and the arguments, already counted against `parameters`.
    public init<Object>(
        _ name: String, on object: Object.Type, _ summary: String, _ parameters: [ScriptParameter] = [],
        returns: String = "value", body: @escaping (Object, ScriptArguments) throws -> OptionValue
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.returns = returns
        isOperator = false
        self.body = { object, arguments in
            guard let object = object as? Object else {
                throw KitError.usage(
                    "\(name): called on \(OptionValue.object(object).givenText); write object:\(name)(...)")
            }
            return try body(object, arguments)
        }
    }

    /// A metamethod of two operands, such as `__add`, `__sub`, `__pow` or `__lt`: at least one of them is an object of
    /// the type that declares it, and either may be a number. `2 - tensor` gives `left` = 2, `right` = the tensor.
    public init(
        operator name: String, _ summary: String,
        body: @escaping (_ left: OptionValue, _ right: OptionValue) throws -> OptionValue
    ) {
        self.name = name
        self.summary = summary
        parameters = [ScriptParameter("left", "operand"), ScriptParameter("right", "operand")]
        returns = "value"
        isOperator = true
        self.body = { _, arguments in try body(arguments.values[0], arguments.values[1]) }
    }

    /// - Parameters:
    ///   - object: what the method is called on; not looked at by an operator, whose operands are both in `values`.
    ///   - values: the arguments; more than the method has parameters are an error.
    public func call(_ object: Any, _ values: [OptionValue]) throws -> OptionValue {
        let accepted = parameters.last?.isVariadic == true ? Int.max : parameters.count
        guard values.count <= accepted else {
            let takes = parameters.map { $0.isOptional ? "[\($0.name)]" : $0.name }.joined(separator: ", ")
            throw KitError.usage(
                "\(callName(object)): takes \(takes.isEmpty ? "no arguments" : "(\(takes))"), but was given "
                    + "\(values.count) argument\(values.count == 1 ? "" : "s")\(listHint(values))")
        }
        return try body(object, ScriptArguments(method: self, object: object, values: values))
    }

    /// Where the one argument is a list, as of `reshape`, and its items were given one by one: how to write it.
    private func listHint(_ values: [OptionValue]) -> String {
        guard parameters.count == 1, parameters[0].typeName.hasPrefix("list"), values.allSatisfy(\.isPlain) else {
            return ""
        }
        return ": write x:\(name) \(values.optionText)"
    }

    /// What messages call the call: the method's name; of a metamethod, such as that of an object that is called itself,
    /// what the object is: "kit.loss.nt_xent" for "kit.loss.nt_xent { temperature = 0.1 }".
    package func callName(_ object: Any) -> String {
        guard name.hasPrefix("__"), let object = object as? any ScriptObject else { return name }
        return String(object.scriptLine.prefix { !" ({".contains($0) })
    }

    /// "mean([axis])": for help.
    public var signature: String {
        "\(name)(\(parameters.map { $0.isOptional ? "[\($0.name)]" : $0.name }.joined(separator: ", ")))"
    }
}

public struct ScriptParameter: Sendable {
    public let name: String
    public let typeName: String
    public let isOptional: Bool
    public let isVariadic: Bool
    /// The values as a recipe writes them, if there are but a few: for completion.
    public private(set) var words: [String] = []

    public init(_ name: String, _ typeName: String, optional: Bool = false, variadic: Bool = false) {
        self.name = name
        self.typeName = typeName
        isOptional = optional || variadic
        isVariadic = variadic
    }

    /// One that is of a type with few values.
    public init<Value: OptionConvertible>(_ name: String, of type: Value.Type, optional: Bool = false) {
        self.init(name, type.optionTypeName, optional: optional)
        words = type.optionWords
    }
}

/// The arguments of one call, converted on request with errors that name the parameter.
public struct ScriptArguments {
    let method: ScriptMethod
    /// What the method is called on.
    let object: Any
    public let values: [OptionValue]

    /// The argument at a position. Throws if it is missing or of another type.
    public func get<Value: OptionConvertible>(_ position: Int, as type: Value.Type = Value.self) throws -> Value {
        let value = position < values.count ? values[position] : .null
        do {
            return try Value(option: value)
        } catch let mismatch as OptionMismatch {
            let name = position < method.parameters.count ? method.parameters[position].name : "\(position + 1)"
            throw KitError.usage(mismatch.message("\(method.callName(object)): argument '\(name)'", value))
        }
    }

    /// The native object at a position.
    public func object<Object>(_ position: Int, as type: Object.Type = Object.self) throws -> Object {
        try get(position, as: Ref<Object>.self).object
    }
}
