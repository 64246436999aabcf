import Foundation
import KitCore

/// The files of a run folder that say what was run, and where.
extension RunFolder {
    /// - Parameter isBegun: whether steps were made before: then only files that are missing are written.
    func writeFacts(_ plan: TrainingPlan, _ settings: RunSettings, isBegun: Bool) throws {
        func isWanted(_ name: String) -> Bool { !isBegun || !files.exists(path(name)) }
        func write(_ name: String, _ value: @autoclosure () throws -> some Encodable) throws {
            if isWanted(name) { try self.write(name, value()) }
        }
        if let recipe = settings.recipe, isWanted(Self.recipeFile) {
            try self.write(Self.recipeFile, try files.read(recipe))
        }
        if isWanted("command.txt") {
            let command = settings.command.map(shellQuoted).joined(separator: " ")
            try self.write("command.txt", Data("\(command)\n".utf8))
        }
        try write(ConfigurationFacts.fileName, ConfigurationFacts(plan))
        try write(ModelFacts.fileName, ModelFacts(plan))
        try write("env.json", EnvironmentFacts())
    }

    /// The copy of the recipe.
    private static let recipeFile = "recipe.lua"

    /// What a resumed run does otherwise than the run so far: a sentence for each setting, and one for the recipe's text, as
    /// functions such as kit.train's step have no value to compare.
    func changes(to plan: TrainingPlan, _ settings: RunSettings) throws -> [String] {
        try changedSettings(plan) + changedRecipe(settings)
    }

    private func changedRecipe(_ settings: RunSettings) throws -> [String] {
        guard let recipe = settings.recipe, files.exists(path(Self.recipeFile)) else { return [] }
        let (before, now) = (try files.read(path(Self.recipeFile)), try files.read(recipe))
        guard before != now else { return [] }
        let lines = [before, now].map { String(decoding: $0, as: UTF8.self).components(separatedBy: "\n") }
        let same = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
        return [
            "\(recipe) is not what the run began with, from line \(same + 1) on; that is in \(path(Self.recipeFile))"
        ]
    }

    private func changedSettings(_ plan: TrainingPlan) throws -> [String] {
        guard files.exists(path(ConfigurationFacts.fileName)),
            let before = try? JSONDecoder().decode(
                ConfigurationFacts.self, from: try files.read(path(ConfigurationFacts.fileName)))
        else { return ["\(ConfigurationFacts.fileName) cannot be read: changed settings would go unnoticed"] }
        return ConfigurationFacts(plan).changes(since: before)
    }
}

/// A word as a shell would have to be given it.
private func shellQuoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
        CharacterSet.alphanumerics.contains($0) || "_-./=,:@%+".unicodeScalars.contains($0)
    }
    return plain && !word.isEmpty ? word : "'\(word.replacingOccurrences(of: "'", with: "'\\''"))'"
}
