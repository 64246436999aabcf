import Foundation
import KitCore
import KitData
import KitTraining

/// The content of a run folder.
struct ReportRun {
    let path: String
    /// "simclr_dub/20261123-001238-1".
    let name: String
    /// The shortest name that distinguishes it from the report's other runs.
    var label: String
    let status: RunStatus?
    /// "finished", or why not.
    let state: String
    let configuration: ConfigurationFacts?
    /// `env.json`, flattened: "processor", "findings/OpenBLAS".
    let environment: [(name: String, value: String)]
    let command: String?
    let recipe: String?
    let curves: ReportPart<MetricCurves>
    /// The held-out results, by ascending step.
    let evaluations: [SavedEvaluation]
    /// Notes for the reader about missing or damaged files.
    let notes: [String]

    /// Reads a run folder, or the newest one below a folder of runs.
    init(_ folder: String, _ files: any FileSystem) throws {
        path = try RunFolder.find(folder, having: ConfigurationFacts.fileName, files)
        name = URL(fileURLWithPath: path).standardizedFileURL.pathComponents.suffix(2).joined(separator: "/")
        label = name
        let path = path
        var notes: [String] = []
        func read<Value>(_ file: String, _ body: (String) throws -> Value) throws -> Value? {
            guard files.exists("\(path)/\(file)") else {
                notes.append("\(file) is missing")
                return nil
            }
            do {
                return try body("\(path)/\(file)")
            } catch let error as KitError where error.kind == .interrupted {
                throw error
            } catch {
                notes.append("\(file) cannot be read: \((error as? KitError)?.message ?? "it is damaged")")
                return nil
            }
        }
        func text(_ file: String) throws -> String? {
            try read(file) { String(decoding: try files.read($0), as: UTF8.self) }
        }
        status = try read(RunStatus.fileName) { _ in try RunStatus.read(path, files) }
        configuration = try read(ConfigurationFacts.fileName) {
            try JSONDecoder().decode(ConfigurationFacts.self, from: try files.read($0))
        }
        environment =
            try read(EnvironmentFacts.fileName) {
                Self.flattened(try JSONOption.parse(String(decoding: try files.read($0), as: UTF8.self)))
            } ?? []
        command = try text(RunFolder.commandFile)?.trimmingCharacters(in: .whitespacesAndNewlines)
        recipe = try text(RunFolder.recipeFile)
        curves = try ReportPart { try MetricCurves("\(path)/\(MetricsFile.fileName)", files) }
        if let unreadable = curves.content?.unreadable, unreadable > 0 {
            notes.append(
                "\(MetricsFile.fileName) has \(counted(unreadable, "unreadable line")), which the curves leave out")
        }
        evaluations = try SavedEvaluation.read(path, files, notes: &notes)
        state = Self.state(status, isHeld: RunFolder.isHeld(path))
        self.notes = notes
    }

    /// The path of the folder in canonical form.
    var place: String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// The value of a key of the recipe, without the quotes of a string; nil if there is no such key.
    func setting(_ key: String) -> String? {
        guard let value = configuration?.recipe[key]?.value else { return nil }
        return value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
            ? String(value.dropFirst().dropLast()) : value
    }

    /// Gives each run the shortest label that no other has.
    static func label(_ runs: inout [ReportRun]) {
        func first(_ name: String) -> String { String(name.prefix { $0 != "/" }) }
        for index in runs.indices {
            let own = first(runs[index].name)
            runs[index].label = runs.filter { first($0.name) == own }.count == 1 ? own : runs[index].name
        }
    }

    private static func state(_ status: RunStatus?, isHeld: Bool) -> String {
        switch status?.state {
        case .finished: "finished"
        case .running: isHeld ? "in training" : "interrupted"
        case .interrupted: "interrupted"
        case .failed: "failed: \(status?.reason ?? "no reason is recorded")"
        case nil: "state unknown"
        }
    }

    private static func flattened(_ value: OptionValue, _ name: String = "") -> [(name: String, value: String)] {
        guard case .table(let options) = value else { return [(name, value.plainText)] }
        return options.named.flatMap { flattened($0.value, name.isEmpty ? $0.key : "\(name)/\($0.key)") }
    }
}

/// A file in a run's folder `evaluation`.
struct SavedEvaluation {
    let name: String
    let step: Int
    let results: [String: Double]

    /// By ascending step.
    static func read(_ run: String, _ files: any FileSystem, notes: inout [String]) throws -> [SavedEvaluation] {
        var found: [SavedEvaluation] = []
        for file in try files.names(in: "\(run)/evaluation") {
            guard let match = file.wholeMatch(of: #/(.+)-step-(\d+)\.json/#), let step = Int(match.2) else { continue }
            do {
                let results = try JSONDecoder().decode(
                    [String: Double].self, from: try files.read("\(run)/evaluation/\(file)"))
                found.append(SavedEvaluation(name: String(match.1), step: step, results: results))
            } catch {
                notes.append("evaluation/\(file) cannot be read")
            }
        }
        return found.sorted { $0.step == $1.step ? $0.name.precedes($1.name) : $0.step < $1.step }
    }
}

extension OptionValue {
    /// The value for readers: a string without quotes.
    var plainText: String {
        if case .string(let text) = self { text } else { optionText }
    }
}
