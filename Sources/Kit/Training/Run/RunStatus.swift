import Foundation
import KitCore

/// `status.json`: the status of a run. A killed run still says "running", but nobody holds the lock of its folder.
public struct RunStatus: Codable {
    public enum State: String, Codable, Sendable { case running, finished, interrupted, failed }

    public var state: State
    /// The number of steps done, and of all steps.
    public var step: Int
    public var steps: Int
    /// Why it ended, if it did not finish.
    public var reason: String?
    /// The exit code for the reason.
    public var exitCode: Int32?
    public var process: Int32
    public var updated: Date

    package static let fileName = "status.json"

    init(_ state: State, step: Int, steps: Int, error: (any Error)? = nil) {
        self.state = state
        self.step = step
        self.steps = steps
        reason = error.map { ($0 as? KitError)?.message ?? "\($0)" }
        exitCode = error.map { (($0 as? KitError)?.kind ?? .internalFault).rawValue }
        process = ProcessInfo.processInfo.processIdentifier
        updated = Date()
    }

    /// The status of a run that threw: stopped on request, or failed.
    init(_ error: any Error, step: Int, steps: Int) {
        let kind = (error as? KitError)?.kind
        self.init(
            kind == .tryAgain || kind == .interrupted ? .interrupted : .failed, step: step, steps: steps, error: error)
    }

    func write(to folder: RunFolder) throws {
        try folder.write(Self.fileName, try JSONText.document(self, keys: .convertToSnakeCase))
    }

    /// Reads the status of a run.
    public static func read(_ folder: String, _ files: any FileSystem = DiskFileSystem()) throws -> RunStatus {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let path = "\(folder)/\(fileName)"
        do {
            return try decoder.decode(RunStatus.self, from: try files.read(path))
        } catch let error as DecodingError {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.reason)")
        }
    }
}
