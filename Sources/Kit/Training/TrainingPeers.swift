import Foundation
import KitCore

/// The messages between the processes of a run, apart from gradients and statistics. A process without peers exchanges
/// nothing.
package struct TrainingPeers {
    package let processes: any ProcessGroup

    package init(_ processes: any ProcessGroup) { self.processes = processes }

    /// Whether this process writes the run folder and shows progress.
    package var leads: Bool { processes.rank == 0 }

    /// Runs `body`. If it throws, the other processes throw the same error instead of waiting for this process.
    ///
    /// - Parameters:
    ///   - agreesToStop: whether an error of kind `tryAgain` is a decision of all processes, so that the others need
    ///     not be told.
    ///   - body: the work of all processes.
    package func together<Result>(agreesToStop: Bool = false, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            let error = error.asKitError
            if !(agreesToStop && error.kind == .tryAgain) { processes.abandon(error) }
            throw error
        }
    }

    /// The note that each process sends at the end of a step.
    struct StepNote: Codable {
        /// Whether it was asked to stop.
        let stops: Bool
        /// The time that it waited for data, in seconds.
        let wait: Double
        let warnings: [String]
    }

    /// The notes of all processes, by rank.
    func exchange(_ note: StepNote) throws -> [StepNote] {
        guard !processes.isSingle else { return [note] }
        let bytes = try processes.gather(Array(try JSONEncoder().encode(note)))
        return try bytes.map { try JSONDecoder().decode(StepNote.self, from: Data($0)) }
    }

    /// Returns the value of rank 0 on all processes.
    package func told<Value: Codable>(_ value: @autoclosure () throws -> Value) throws -> Value {
        guard !processes.isSingle else { return try value() }
        let bytes = leads ? Array(try JSONEncoder().encode([try value()])) : []
        return try JSONDecoder().decode([Value].self, from: Data(try processes.broadcast(bytes)))[0]
    }

    /// Throws in all processes if one of them would run something different from rank 0.
    ///
    /// - Parameter facts: named texts that must be the same in all processes.
    func requireSame(_ facts: [(name: String, text: String)]) throws {
        guard !processes.isSingle else { return }
        let texts = try processes.gather(Array(try JSONEncoder().encode(facts.map(\.text)))).map {
            try JSONDecoder().decode([String].self, from: Data($0))
        }
        var differences: [String] = []
        for rank in texts.indices.dropFirst() {
            for (place, fact) in facts.enumerated() where texts[rank][place] != texts[0][place] {
                differences.append(
                    "\(fact.name) of \(processes.name(of: rank)) (\(shortened(texts[rank][place])) instead of \(shortened(texts[0][place])))"
                )
            }
        }
        guard differences.isEmpty else {
            throw KitError(
                .configuration,
                "all processes must run the same as \(processes.name(of: 0)), but these differ: \(differences.joined(separator: "; "))"
            )
        }
    }

    private func shortened(_ text: String) -> String { text.count > 200 ? "\(text.prefix(200))..." : text }
}
