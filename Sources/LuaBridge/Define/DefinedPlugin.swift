import Kit

/// A plugin that a recipe implements in Lua.
protocol DefinedPlugin: ScriptBound {
    /// The functions of a definition, one of which does the work.
    static var functions: [(name: String, help: String)] { get }
    /// The fields of a definition besides its functions and those that every definition has.
    static func fields() -> [(name: String, param: any AnyOption)]
    /// The options that every plugin of the kind has in any definition, with their defaults.
    static func commonOptions() -> [(name: String, param: any AnyOption)]

    /// The plugin for one of the `functions`, with all options at their defaults.
    static func make(_ definition: Definition) -> any DefinedPlugin

    var definition: Definition { get }
}

extension DefinedPlugin {
    static func fields() -> [(name: String, param: any AnyOption)] { [] }
    static func commonOptions() -> [(name: String, param: any AnyOption)] { [] }

    // Definitions declare these individually.
    static var name: String { "defined" }
    static var summary: String { "A \(kind) written in Lua." }
    static var reference: String { "kit.define.\(kind)" }
    init() { preconditionFailure("a plugin written in Lua is made from its definition") }

    var declaration: PluginDeclaration { definition.declaration }
    var declaredOptions: [(name: String, param: any AnyOption)] { definition.options }
}

/// The part of a definition that belongs to one plugin: its own options, and the function.
struct Definition {
    let declaration: PluginDeclaration
    let options: [(name: String, param: any AnyOption)]
    /// The function's name in the definition.
    let functionName: String
    let function: any ScriptFunction
    /// The values of the kind's own fields.
    let fields: [String: OptionValue]

    /// Calls the function with these arguments, followed by a table of the options.
    func call(_ arguments: OptionValue...) throws -> OptionValue { try call(arguments) }

    /// Calls the function with arguments, a table of the options, and further arguments.
    func call(_ arguments: [OptionValue], then others: [OptionValue] = []) throws -> OptionValue {
        try function.call(arguments + [optionTable] + others)
    }

    /// The options with their values.
    var optionTable: OptionValue {
        .table(Options(named: options.map { ($0.name, $0.param.currentValue ?? .null) }))
    }

    /// A field of the definition. If it is a function, the result of calling it with the options.
    func field<Value: OptionConvertible>(_ name: String, as type: Value.Type) throws -> Value {
        var value = fields[name] ?? .null
        if case .object(let function as any ScriptFunction) = value { value = try function.call([optionTable]) }
        do { return try Value(option: value) } catch let mismatch as OptionMismatch {
            throw KitError.usage("\(declaration.qualifiedName): \(mismatch.message("'\(name)'", value))")
        }
    }

    /// The error for a result that the kit cannot use.
    func mismatch(_ expected: String, _ given: String) -> KitError {
        let place = declaration.place.map { " (\($0))" } ?? ""
        return .usage(
            "\(declaration.qualifiedName): \(functionName)\(place) must return \(expected), but returned \(given)")
    }

    /// The tensor of a result, which must have the given shape.
    func tensor(_ result: OptionValue, _ shape: Shape, _ expected: String) throws -> Tensor {
        guard case .object(let tensor as Tensor) = result else { throw mismatch(expected, result.givenText) }
        guard tensor.shape == shape else { throw mismatch(expected, "one of shape \(tensor.shape)") }
        return tensor
    }

    /// The value of an option that every plugin of the kind has.
    func common<Value: OptionConvertible>(_ name: String) -> Value {
        guard let param = options.first(where: { $0.name == name })?.param, let value = param.currentValue,
            let converted = try? Value(option: value)
        else { preconditionFailure("'\(name)' is not an option of every \(declaration.kind)") }
        return converted
    }
}
