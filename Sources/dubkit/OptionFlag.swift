import ArgumentParser
import Kit

/// A flag that sets an option of a plugin: its help, its default, its values and what is said of a wrong value come from
/// the plugin's declaration.
///
///     @Option("crops", of: Embed.self) var crops: String?
///
///     let crops = try OptionFlag("crops", of: Embed.self).value(crops)   // an OptionValue, or nil if it is not given
struct OptionFlag {
    private let name: String
    private let param: any AnyOption

    /// - Parameters:
    ///   - option: the option's name in Lua.
    ///   - plugin: the plugin that declares it.
    init(_ option: String, of plugin: any Plugin.Type) {
        guard let param = PluginDeclaration(plugin).options.first(where: { $0.name == option })?.param else {
            preconditionFailure("\(plugin.qualifiedName) has no option '\(option)'")
        }
        (name, self.param) = (option, param)
    }

    /// The option's sentence, with its values and its default as the parser writes those of its own.
    var help: ArgumentHelp {
        let sentence = param.help + (param.unit.map { " In \($0)." } ?? "")
        let values = words.isEmpty ? param.range : "values: \(words.joined(separator: ", "))"
        let standard = param.defaultValue.flatMap { $0 == "nil" ? nil : "default: \(Self.plain($0))" }
        let facts = [values, standard].compactMap { $0 }.joined(separator: "; ")
        return ArgumentHelp(facts.isEmpty ? sentence : "\(sentence) (\(facts))")
    }

    /// Completes the few values that there are, if there are but a few.
    var completion: CompletionKind? { words.isEmpty ? nil : .list(words) }

    /// What a flag gives for the option; nil if the flag is not given.
    ///
    /// - Parameters:
    ///   - text: the flag's value.
    ///   - flag: the flag's name if it is not the option's.
    func value(_ text: String?, flag: String? = nil) throws -> OptionValue? {
        guard let text else { return nil }
        guard let value = param.option(parsing: text) else {
            preconditionFailure("option '\(name)' cannot be written as the value of a flag")
        }
        do {
            try param.set(value)
        } catch let mismatch as OptionMismatch {
            let flag = flag ?? name.replacing("_", with: "-")
            throw KitError.usage(mismatch.message("--\(flag)", value))
        }
        return param.currentValue
    }

    /// The value that a flag gives, or else the option's default.
    func setting<Value: OptionConvertible>(_ text: String?) throws -> Value {
        let given = try value(text)
        guard let setting = given ?? param.currentValue, let typed = try? Value(option: setting) else {
            preconditionFailure("option '\(name)' has no value of type \(Value.optionTypeName)")
        }
        return typed
    }

    /// Runs `body`, which sets and uses a plugin's options, and says "--window" for "option 'window'" of a recipe.
    ///
    /// - Parameters:
    ///   - plugin: the plugin.
    ///   - flags: the flags that are not called after their options.
    static func asFlags<Result>(
        of plugin: any Plugin.Type, flags: [String: String] = [:], _ body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch let error as KitError where error.kind == .usage {
            var text = error.message.trimmingPrefix("\(plugin.qualifiedName): ")[...]
            for (name, _) in PluginDeclaration(plugin).options {
                text =
                    text.replacing("option '\(name)'", with: "--\(flags[name] ?? name.replacing("_", with: "-"))")[...]
            }
            throw KitError.usage(String(text))
        }
    }

    private var words: [String] { param.words.map(Self.plain) }

    /// A value as it is written outside a recipe: without the quotes.
    private static func plain(_ text: String) -> String {
        text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
    }
}

extension Option where Value == String? {
    /// A flag that sets an option of a plugin.
    ///
    /// - Parameters:
    ///   - option: the option's name in Lua; the flag is called after the property.
    ///   - plugin: the plugin that declares it.
    ///   - completion: instead of the option's values.
    init(_ option: String, of plugin: any Plugin.Type, completion: CompletionKind? = nil) {
        let flag = OptionFlag(option, of: plugin)
        self.init(help: flag.help, completion: completion ?? flag.completion)
    }
}

extension ArgumentHelp {
    /// The help of a plugin's option, for an argument.
    static func option(_ option: String, of plugin: any Plugin.Type) -> ArgumentHelp {
        OptionFlag(option, of: plugin).help
    }

    /// The help of a plugin's option that is a list, for a flag that takes a `WordList`.
    static func words(_ option: String, of plugin: any Plugin.Type) -> ArgumentHelp {
        let help = OptionFlag(option, of: plugin).help
        return ArgumentHelp("\(help.abstract) Separated by commas.")
    }
}
