import Kit

extension ConformanceCheck {
    /// Only for plugins in Swift: those written in Lua belong to the interpreter that defined them.
    public static let lua = ConformanceCheck(
        "lua",
        "In Lua, it shows and accepts all its options with their defaults, and the message about a wrong one has its place."
    ) { subject in
        let plugin = subject.declaration
        let state = try LuaState()
        let name = plugin.qualifiedName
        let options = plugin.options.filter { !$0.param.isRest }
        var faults: [String] = []

        let help = try state.help.text(asked: name)
        let proposed = Completer(state).complete("\(name) { ").candidates.map(\.text)
        for (option, _) in options {
            if !help.contains("  \(option) ") { faults.append("help(\(name)) does not show option '\(option)'") }
            if !proposed.contains(option) { faults.append("completion does not propose option '\(option)'") }
        }
        do {
            try state.run(chunk: "\n\(name) { no_such_option = 1 }", name: "@recipe.lua")
            faults.append("an unknown option is accepted")
        } catch let error as KitError {
            if !error.message.hasPrefix("recipe.lua:2: \(name): unknown option 'no_such_option'") {
                faults.append("the message of a wrong option should begin with its place and \(name): \(error.message)")
            }
        }
        return try faults + valueFaults(of: plugin, options, state)
    }

    /// Writes the defaults as a recipe would, and checks that they arrive.
    private static func valueFaults(
        of plugin: PluginDeclaration, _ options: [(name: String, param: any AnyOption)], _ state: LuaState
    ) throws -> [String] {
        // Some plugins need values that only a recipe can give.
        guard options.allSatisfy({ $0.param.isSet }), (try? plugin.make(Options())) != nil else { return [] }
        let text = options.map { "\($0.name) = \($0.param.defaultValue ?? "nil")" }.joined(separator: ", ")
        guard case .object(let object)? = try state.run(chunk: "return \(plugin.qualifiedName) { \(text) }").first
        else {
            return ["\(plugin.qualifiedName) {} does not return an object"]
        }
        guard let made = object as? any Plugin ?? (object as? Module)?.factory else { return [] }
        return zip(options, made.declaredOptions).compactMap { before, after in
            let (given, kept) = (before.param.defaultValue ?? "nil", after.param.currentText ?? "nil")
            return given == kept ? nil : "option '\(before.name)' was \(given), but is \(kept) in the plugin"
        }
    }
}
