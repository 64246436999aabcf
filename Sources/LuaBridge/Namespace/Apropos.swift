import Kit

/// `apropos "mel"`: plugins, options and methods that mention a word.
package final class Apropos: ScriptObject {
    package static let scriptTypeName = "apropos"
    package static let scriptSummary =
        "Finds plugins, their options and methods by a part of their names or descriptions."
    package static let scriptMethods = [
        ScriptMethod("__call", on: Apropos.self, "Prints what it finds.", ScriptArgument("word", String.self)) {
            _, word in Session.current[Output.self].show(try text(for: word))
        }
    ]

    package var scriptDescription: String { "apropos: call it with a word" }

    /// A line for each match: first those with the word in the name, then those with the word in the description.
    package static func text(for word: String) throws -> String {
        let word = plain(word)
        guard !word.isEmpty else { throw KitError.usage("apropos expects a word, such as \"mel\"") }
        let all = PluginRegistry.shared.all.flatMap(entries) + ScriptTypes.all.flatMap(entries)
        let byName = all.filter { plain($0.name).contains(word) }
        let byText = all.filter { !plain($0.name).contains(word) && plain($0.text).contains(word) }
        guard !byName.isEmpty || !byText.isEmpty else {
            let names = PluginRegistry.shared.kinds + PluginRegistry.shared.all.map { $0.name }
            throw KitError.usage("apropos: nothing mentions '\(word)'\(NearestName.hint(word, in: names))")
        }
        return TextTable.text((byName + byText).map { [$0.name, $0.text] })
    }

    /// Without capitals, and with spaces for hyphens and underscores: "cross entropy" finds "cross-entropy".
    private static func plain(_ text: String) -> String {
        text.lowercased().replacing("-", with: " ").replacing("_", with: " ")
    }

    private static func entries(of plugin: PluginDeclaration) -> [(name: String, text: String)] {
        let options = plugin.options.filter { !$0.param.isRest }.map {
            ("\(plugin.qualifiedName) { \($0.name) }", $0.param.help)
        }
        return [(plugin.qualifiedName, plugin.summary)] + options
    }

    private static func entries(of type: any ScriptObject.Type) -> [(name: String, text: String)] {
        type.scriptMethods.filter { !$0.name.hasPrefix("__") }.map { ("\(type.scriptTypeName):\($0.name)", $0.summary) }
    }
}
