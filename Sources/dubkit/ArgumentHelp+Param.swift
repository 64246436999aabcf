import ArgumentParser
import Kit

extension ArgumentHelp {
    /// The help of a plugin's option, for the flag that sets it.
    ///
    /// - Parameters:
    ///   - option: the option's name in Lua.
    ///   - type: the plugin.
    static func option(_ option: String, of type: any Plugin.Type) -> ArgumentHelp {
        guard let param = PluginDeclaration(type).options.first(where: { $0.name == option })?.param else {
            preconditionFailure("\(type.qualifiedName) has no option '\(option)'")
        }
        return ArgumentHelp(stringLiteral: param.help + (param.unit.map { " In \($0)." } ?? ""))
    }
}
