import Kit

/// A plugin whose work a recipe has written in Lua.
protocol DefinedPlugin: ScriptBound {
    /// What a definition must give: the function that does the work, under one of these names.
    static var functions: [(name: String, help: String)] { get }
    /// Parameters that every plugin of the kind has, whatever the definition says, with their defaults.
    static func commonParameters() -> [(name: String, param: any AnyParam)]

    /// The plugin for a function that has one of the names in `functions`, with all parameters at their defaults.
    static func make(_ definition: Definition) -> any DefinedPlugin

    var definition: Definition { get }
}

extension DefinedPlugin {
    static func commonParameters() -> [(name: String, param: any AnyParam)] { [] }

    // What a type declares, definitions declare each for itself.
    static var name: String { "defined" }
    static var summary: String { "A \(kind) written in Lua." }
    static var source: String { "kit.define.\(kind)" }
    init() { preconditionFailure("a plugin written in Lua is made from its definition") }

    var declaration: PluginDeclaration { definition.declaration }
    var parameters: [(name: String, param: any AnyParam)] { definition.parameters }
}

/// One plugin's share of what its definition says: its own parameters, and the function.
struct Definition {
    let declaration: PluginDeclaration
    let parameters: [(name: String, param: any AnyParam)]
    /// The name that the function has in the definition.
    let functionName: String
    let function: any ScriptFunction

    /// Calls the function with these arguments and the options as a table behind them.
    func call(_ arguments: OptionValue...) throws -> OptionValue {
        let options = parameters.map { ($0.name, $0.param.currentValue ?? .null) }
        return try function.call(arguments + [.table(Options(named: options))])
    }

    /// What is thrown for a result that the kit cannot use.
    func mismatch(_ expected: String, _ given: String) -> KitError {
        let place = declaration.place.map { " (\($0))" } ?? ""
        return .usage(
            "\(declaration.qualifiedName): \(functionName)\(place) must return \(expected), but returned \(given)")
    }

    /// The tensor of a result, of the shape that is asked for.
    func tensor(_ result: OptionValue, _ shape: Shape, _ expected: String) throws -> Tensor {
        guard case .object(let tensor as Tensor) = result else { throw mismatch(expected, result.givenText) }
        guard tensor.shape == shape else { throw mismatch(expected, "one of shape \(tensor.shape)") }
        return tensor
    }

    /// The value of a parameter that every plugin of the kind has.
    func common<Value: OptionConvertible>(_ name: String) -> Value {
        guard let param = parameters.first(where: { $0.name == name })?.param, let value = param.currentValue,
            let converted = try? Value(option: value)
        else { preconditionFailure("'\(name)' is no parameter of every \(declaration.kind)") }
        return converted
    }
}
