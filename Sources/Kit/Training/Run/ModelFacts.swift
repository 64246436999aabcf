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

    package static let fileName = "model.json"

    package init(clips: ClipSettings?, modules: [(name: String, module: Module)]) {
        self.clips = clips
        let entries = modules.compactMap { name, module in
            module.factory.map { (name, Entry(PluginRecord($0))) }
        }
        self.modules = Dictionary(uniqueKeysWithValues: entries)
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
    fileprivate init(_ record: PluginRecord) {
        self.init(plugin: "\(record.kind).\(record.name)", options: JSONOption(.table(record.options)))
    }

    /// Builds the module, with fresh weights.
    package func make() throws -> Module {
        let words = plugin.split(separator: ".").map(String.init)
        guard words.count == 2, case .table(let options) = options.value,
            let factory = try PluginRecord(kind: words[0], name: words[1], options: options).make()
                as? any ModuleFactory
        else { throw KitError(.badData, "\(ModelFacts.fileName): '\(plugin)' is not a plugin that builds a module") }
        return try factory.make()
    }
}
