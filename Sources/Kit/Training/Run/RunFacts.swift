import Foundation
import KitCore

/// The facts about a run in its folder: what ran, with which settings and where.
struct RunFacts {
    /// The recipe's file; nil if training was started in another way.
    let recipe: String?
    /// The command line, word by word.
    let command: [String]
    let configuration: ConfigurationFacts
    /// The Lua files that the recipe has required.
    let modules: [RecipeModules.Module]
    let model: ModelFacts
}

extension RunFolder {
    /// The command line that started the run.
    package static let commandFile = "command.txt"
    /// The copy of the recipe.
    package static let recipeFile = "recipe.lua"

    /// Writes the facts to files.
    ///
    /// - Parameters:
    ///   - facts: the facts of this process.
    ///   - isBegun: whether the run already has steps. Then only missing files are written.
    func write(_ facts: RunFacts, isBegun: Bool) throws {
        func isWanted(_ name: String) -> Bool { !isBegun || !files.exists(path(name)) }
        func write(_ name: String, _ value: @autoclosure () throws -> some Encodable) throws {
            if isWanted(name) { try self.write(name, value()) }
        }
        if let recipe = facts.recipe, isWanted(Self.recipeFile) {
            try self.write(Self.recipeFile, try files.read(recipe))
        }
        for module in facts.modules where isWanted(module.copy) {
            try files.makeFolder(Folder.of(path(module.copy)))
            try self.write(module.copy, module.content)
        }
        if isWanted(Self.commandFile) {
            let command = facts.command.map(\.shellQuoted).joined(separator: " ")
            try self.write(Self.commandFile, Data("\(command)\n".utf8))
        }
        try write(ConfigurationFacts.fileName, facts.configuration)
        try write(ModelFacts.fileName, facts.model)
        try write(EnvironmentFacts.fileName, EnvironmentFacts())
    }

    /// The differences between a resumed run and the run so far: a sentence for each setting, and one for the text of
    /// the recipe, since functions such as kit.train's step cannot be compared.
    func changes(to facts: RunFacts) throws -> [String] {
        let recipe = try facts.recipe.map { try changedText($0, Self.recipeFile, now: files.read($0)) } ?? []
        return try changedSettings(facts.configuration) + recipe
            + facts.modules.flatMap { try changedText($0.path, $0.copy, now: $0.content) }
    }

    /// A sentence if a Lua file differs from its copy in the run folder.
    private func changedText(_ recipe: String, _ copy: String, now: Data) throws -> [String] {
        guard files.exists(path(copy)) else { return [] }
        let before = try files.read(path(copy))
        guard before != now else { return [] }
        let lines = [before, now].map { String(decoding: $0, as: UTF8.self).components(separatedBy: "\n") }
        let same = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
        return [
            "\(recipe) differs from what the run started with, from line \(same + 1) on; that version is in \(path(copy))"
        ]
    }

    private func changedSettings(_ configuration: ConfigurationFacts) throws -> [String] {
        guard files.exists(path(ConfigurationFacts.fileName)),
            let before = try? JSONDecoder().decode(
                ConfigurationFacts.self, from: try files.read(path(ConfigurationFacts.fileName)))
        else { return ["\(ConfigurationFacts.fileName) cannot be read: changed settings would go unnoticed"] }
        return configuration.changes(since: before)
    }
}
