import Foundation
import KitCore

/// What the processes of a training tell each other besides gradients and statistics. A process on its own asks nobody.
package struct TrainingPeers {
    package let processes: any ProcessGroup

    package init(_ processes: any ProcessGroup) { self.processes = processes }

    /// Whether this process writes the run's folder and says how the run is going.
    package var leads: Bool { processes.rank == 0 }

    /// Runs `body`. If it throws, the other processes throw the same instead of waiting for this one.
    ///
    /// - Parameters:
    ///   - agreesToStop: whether an error of kind `tryAgain` says what all have decided together, and needs not be told.
    ///   - body: what all processes do.
    package func together<Result>(agreesToStop: Bool = false, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            let error = error.asKitError
            if !(agreesToStop && error.kind == .tryAgain) { processes.abandon(error) }
            throw error
        }
    }

    /// What each process says at the end of a step.
    struct StepNote: Codable {
        /// Whether it was asked to stop.
        let stops: Bool
        /// Seconds that it waited for data.
        let wait: Double
        let warnings: [String]
    }

    /// The notes of all processes, by rank.
    func exchange(_ note: StepNote) throws -> [StepNote] {
        guard !processes.isSingle else { return [note] }
        let bytes = try processes.gather(Array(try JSONEncoder().encode(note)))
        return try bytes.map { try JSONDecoder().decode(StepNote.self, from: Data($0)) }
    }

    /// What rank 0 says, to all processes.
    package func told<Value: Codable>(_ value: @autoclosure () throws -> Value) throws -> Value {
        guard !processes.isSingle else { return try value() }
        let bytes = leads ? Array(try JSONEncoder().encode([try value()])) : []
        return try JSONDecoder().decode([Value].self, from: Data(try processes.broadcast(bytes)))[0]
    }

    /// Throws, in all processes, if one of them is to run something else than rank 0.
    ///
    /// - Parameter facts: what must be the same everywhere, with a name for each.
    func requireSame(_ facts: [(name: String, text: String)]) throws {
        guard !processes.isSingle else { return }
        let texts = try processes.gather(Array(try JSONEncoder().encode(facts.map(\.text)))).map {
            try JSONDecoder().decode([String].self, from: Data($0))
        }
        var differences: [String] = []
        for rank in texts.indices.dropFirst() {
            for (place, fact) in facts.enumerated() where texts[rank][place] != texts[0][place] {
                differences.append(
                    "\(fact.name) of \(processes.name(of: rank)) (\(shortened(texts[rank][place])), and not \(shortened(texts[0][place])))"
                )
            }
        }
        guard differences.isEmpty else {
            throw KitError(
                .configuration,
                "all processes must run the same as \(processes.name(of: 0)), but what differs is: \(differences.joined(separator: "; "))"
            )
        }
    }

    private func shortened(_ text: String) -> String { text.count > 200 ? "\(text.prefix(200))..." : text }
}
