import Kit

/// The constructor of a plugin in a recipe: `kit.loss.nt_xent { temperature = 0.1 }`.
final class PluginConstructor: ScriptObject {
    static let scriptTypeName = "constructor"
    static let scriptSummary = "Makes a plugin from one table of options."
    static let scriptMethods = [
        ScriptMethod(
            "__call", on: PluginConstructor.self, "Makes the plugin.",
            ScriptArgument(rest: "options", OptionValue.self), returns: OptionValue.self
        ) { constructor, arguments in try constructor.make(arguments) }
    ]

    let declaration: PluginDeclaration

    init(_ declaration: PluginDeclaration) { self.declaration = declaration }

    var scriptDescription: String { declaration.qualifiedName }
    var scriptGiven: String {
        "the constructor \(declaration.qualifiedName), which was not called: write \(declaration.qualifiedName) {}"
    }

    private func make(_ arguments: [OptionValue]) throws -> OptionValue {
        let plugin = try declaration.make(options(arguments))
        do {
            let construct = { try Self.value(of: MemoryShortage.checked { try plugin.construct() }) }
            let processes = Session.current.processes
            guard plugin.changesFiles, !processes.isSingle else { return try construct() }
            var value = OptionValue.null
            try processes.onFirst { value = try construct() }
            return value
        } catch let error as KitError {
            let name = declaration.qualifiedName
            throw error.text.hasPrefix(name) ? error : error.prefixed(name)
        } catch {
            // The plugin threw an error type of its own.
            throw error.asKitError.prefixed(declaration.qualifiedName)
        }
    }

    private func options(_ arguments: [OptionValue]) throws -> Options {
        let name = declaration.qualifiedName
        if let called = declaration.type as? any CalledWithArguments.Type {
            do { return try called.options(arguments) } catch let error as KitError { throw error.prefixed(name) }
        }
        func refusal(_ given: String) -> KitError {
            .usage("\(name): takes one table of options, as in \(name) \(example(arguments)), but was given \(given)")
        }
        guard arguments.count <= 1 else { throw refusal("\(counted(arguments.count, "argument"))") }
        switch arguments.first ?? .null {
        case .null: return Options()
        case .table(let options): return options
        case .list(let list): return Options(list: list)
        case let other: throw refusal(other.givenText)
        }
    }

    /// An example of the table: with the arguments in it if a list is accepted, else with the name of an option.
    private func example(_ arguments: [OptionValue]) -> String {
        let parameters = declaration.options
        if parameters.contains(where: { $0.param.isPositional }) {
            if arguments.allSatisfy(\.isPlain) { return arguments.optionText }
            if case .object(is any ScriptFunction)? = arguments.first { return "{ f }" }
            return "{ ... }"
        }
        return parameters.first { !$0.param.isRest }.map { "{ \($0.name) = ... }" } ?? "{}"
    }

    /// Converts the result of `construct` for Lua.
    private static func value(of result: Any) throws -> OptionValue {
        switch result {
        case let value as OptionValue: value
        case let object as any ScriptObject: .object(object)
        case is Void: .results([])
        case let value as Bool: .bool(value)
        case let value as Int: .int(value)
        case let value as Double: .number(value)
        case let value as String: .string(value)
        default: throw KitError(.internalFault, "it made a \(Swift.type(of: result)), which has no form in Lua")
        }
    }
}
