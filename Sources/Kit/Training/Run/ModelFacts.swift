import Foundation
import KitCore
import KitData
import KitModel

/// `model.json`: the modules that a run's weights belong to, so that its encoders can be built again without the
/// recipe.
package struct ModelFacts: Codable {
    /// A module, described by the plugin that built it.
    package struct Entry: Codable {
        /// "encoder.x3d".
        package let plugin: String
        let options: JSONOption
    }

    var format = 1
    /// The settings by which clips become tensors; nil for a run on anything but films.
    package let clips: ClipSettings?
    /// By the name that prefixes the parameters in `model.safetensors`. Modules that no plugin built are left out.
    package let modules: [String: Entry]
    /// The path of the recipe; nil without a recipe, and in earlier versions.
    package let recipe: String?

    package static let fileName = "model.json"

    package init(clips: ClipSettings?, modules: [(name: String, module: Module)], recipe: String? = nil) {
        self.clips = clips
        self.recipe = recipe.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        let entries = modules.compactMap { name, module in
            module.factory.flatMap { Entry(PluginRecord($0)) }.map { (name, $0) }
        }
        self.modules = Dictionary(uniqueKeysWithValues: entries)
    }

    /// Runs `body`, in which the registry has the plugins that the run's recipe defined.
    ///
    /// - Parameters:
    ///   - kinds: the kinds of modules that `body` makes.
    ///   - folder: the run folder.
    /// - Returns: an object to keep as long as these modules are used; nil if the recipe defined none of them.
    package func withDefinitions(
        of kind: String, in folder: String, _ files: any FileSystem, _ body: () throws -> Void
    ) throws -> AnyObject? {
        let absent = modules.values.map(\.plugin).filter { $0.hasPrefix("\(kind).") && !Self.isKnown($0) }
        let recipe = "\(folder)/\(RunFolder.recipeFile)"
        guard !absent.isEmpty, files.exists(recipe) else {
            try body()
            return nil
        }
        let configuration = try? JSONDecoder().decode(
            ConfigurationFacts.self, from: try files.read("\(folder)/\(ConfigurationFacts.fileName)"))
        let request = DefinitionSource.Request(
            recipe: recipe, folder: self.recipe.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path },
            names: Set(absent).sorted(),
            overrides: configuration?.overrides ?? [])
        return try DefinitionSource.with(request, body)
    }

    private static func isKnown(_ plugin: String) -> Bool {
        let words = plugin.split(separator: ".").map(String.init)
        guard words.count == 2 else { return true }
        return PluginRegistry.shared.names(of: words[0]).contains(words[1])
            || (try? FormerNames.$areExpected.withValue(true) {
                try PluginRegistry.shared.find(kind: words[0], name: words[1])
            }) != nil
    }

    /// Reads the file of a run folder.
    package static func read(_ folder: String, _ files: any FileSystem) throws -> ModelFacts {
        let path = "\(folder)/\(fileName)"
        do {
            return try JSONDecoder().decode(ModelFacts.self, from: try files.read(path))
        } catch let error as KitError where [.usage, .badData].contains(error.kind) {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.message)")
        } catch let error as DecodingError {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.reason)")
        }
    }
}

extension ModelFacts.Entry {
    /// Nil if an option has no form in JSON.
    fileprivate init?(_ record: PluginRecord) {
        guard let options = Self.plain(.table(record.options)) else { return nil }
        self.init(plugin: "\(record.kind).\(record.name)", options: JSONOption(options))
    }

    /// The key of a module among the options of another, and that of its own options.
    private static let keys = (plugin: "plugin", options: "options")

    /// A value in which each module is a table of its plugin and options. Nil if it has something else without a form in
    /// JSON.
    private static func plain(_ value: OptionValue) -> OptionValue? {
        switch value {
        case .object(let module as Module):
            guard let factory = module.factory, let entry = Self(PluginRecord(factory)) else { return nil }
            return .table(
                Options(named: [(keys.plugin, .string(entry.plugin)), (keys.options, entry.options.value)]))
        case .object: return nil
        case .list(let items):
            let plain = items.compactMap(plain)
            return plain.count == items.count ? .list(plain) : nil
        case .table(let table):
            let named = table.named.compactMap { key, value in plain(value).map { (key: key, value: $0) } }
            return named.count == table.named.count && table.list.isEmpty ? .table(Options(named: named)) : nil
        default: return value
        }
    }

    /// The value that `plain` was made from, with fresh modules.
    private static func restored(_ value: OptionValue) throws -> OptionValue {
        switch value {
        case .list(let items): return .list(try items.map(restored))
        case .table(let table):
            if table.named.map(\.key) == [keys.options, keys.plugin], case .string(let plugin) = table.named[1].value {
                return .object(try Self(plugin: plugin, options: JSONOption(table.named[0].value)).make())
            }
            return .table(Options(named: try table.named.map { ($0.key, try restored($0.value)) }))
        default: return value
        }
    }

    /// Builds the module, with fresh weights.
    package func make() throws -> Module {
        let words = plugin.split(separator: ".").map(String.init)
        guard words.count == 2, case .table(let options) = try Self.restored(options.value),
            let factory = try PluginRecord(kind: words[0], name: words[1], options: options).make()
                as? any ModuleFactory
        else { throw KitError(.badData, "\(ModelFacts.fileName): '\(plugin)' is not a plugin that builds a module") }
        return try factory.make()
    }
}
