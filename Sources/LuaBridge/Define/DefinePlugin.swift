import Kit

/// `kit.define.loss { name = ..., forward = function(a, b, options) ... end }`: defines a plugin in Lua. It then works
/// like any other: `kit.loss.<name> { ... }` with checked options, help and completion.
struct DefinePlugin<Made: DefinedPlugin>: Plugin {
    static var kind: String { "define" }
    static var name: String { Made.kind }
    static var summary: String {
        "Defines a plugin of the kind '\(Made.kind)' in Lua and returns its constructor, kit.\(Made.kind).<name>."
    }
    static var reference: String { "This kit." }
    static var returns: any OptionConvertible.Type { PluginConstructor.self }

    @Param("The name, in snake case: kit.<kind>.<name> then makes the plugin.") var name: String
    @Param("What it does, in one sentence, with the shapes of tensors.", from: .ours) var help: String = ""
    @Param("The paper, equation or program that defines it.", from: .ours, was: "source") var reference: String = ""
    @Param(
        """
        The options by name, each with its default: { 0.1, "What it does.", range = { 0.01, 10 }, unit = "s", \
        from = "inferred" }, { "mean", "How.", choices = { "mean", "sum" } }, or { type = "number", help = "..." } for a \
        required one.
        """, from: .ours)
    var options: NamedOption<OptionValue> = NamedOption()
    private let functions: [(name: String, param: any AnyOption)]
    private let fields = Made.fields()

    init() {
        // If there are several functions, one of them is enough.
        let isRequired = Made.functions.count == 1
        functions = Made.functions.map { function -> (name: String, param: any AnyOption) in
            if isRequired { return (function.name, Param<ObjectOption<any ScriptFunction>>(function.help)) }
            let none: ObjectOption<any ScriptFunction>? = nil
            return (
                function.name, Param<ObjectOption<any ScriptFunction>?>(wrappedValue: none, function.help, from: .ours)
            )
        }
    }

    var declaredOptions: [(name: String, param: any AnyOption)] { markedOptions + fields + functions }

    func validate() throws {
        guard name.wholeMatch(of: #/[a-z][a-z0-9_]*/#) != nil else {
            throw KitError.usage("option 'name' must be a word in snake case, but is \"\(name)\"")
        }
        guard given.count == 1 else {
            let names = Made.functions.map(\.name).joined(separator: ", ")
            throw KitError.usage("give one function of \(names), but \(given.count) are given")
        }
        let declared = try optionDeclarations()
        for (name, _) in Made.commonOptions() where declared.contains(where: { $0.name == name }) {
            throw KitError.usage("option '\(name)': every \(Made.kind) already has it")
        }
    }

    func construct() throws -> Any {
        guard let core = LuaCore.running, let (functionName, function) = given.first else {
            throw KitError(.internalFault, "only a recipe can define a plugin")
        }
        let declared = try optionDeclarations()
        let place = (function as? LuaFunction).map(core.place) ?? "?"
        let declaration = PluginDeclaration(
            kind: Made.kind, name: name, summary: help, reference: reference, place: place, type: Made.self, owner: core
        ) { declaration in
            let own = declared.map { ($0.name, $0.declared.makeParam()) }
            return Made.make(
                Definition(
                    declaration: declaration, options: Made.commonOptions() + own, functionName: functionName,
                    function: function,
                    fields: Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.param.currentValue ?? .null) })))
        }
        try PluginRegistry.shared.define(
            declaration, mayReplace: Session.current.configuration.isInteractive)
        core.onDefine(declaration)
        return PluginConstructor(declaration)
    }

    private var given: [(name: String, function: any ScriptFunction)] {
        functions.compactMap { name, param in
            guard case .object(let object)? = param.currentValue, let function = object as? any ScriptFunction else {
                return nil
            }
            return (name, function)
        }
    }

    private func optionDeclarations() throws -> [(name: String, declared: ValueDeclaration)] {
        try options.entries.map { name, value in
            do { return (name, try Self.declaration(of: name, value)) } catch let error as KitError {
                throw error.prefixed("option '\(name)'")
            }
        }
    }

    /// An option in a definition: a table or list describes it, and anything else is its default.
    private static func declaration(of name: String, _ value: OptionValue) throws -> ValueDeclaration {
        guard LuaScanner.isName(name) else { throw KitError.usage("is not a name in Lua") }
        switch value {
        case .table(let options): return try ValueDeclaration(options)
        case .list(let list): return try ValueDeclaration(Options(list: list))
        default: return try ValueDeclaration(plain: value)
        }
    }
}
