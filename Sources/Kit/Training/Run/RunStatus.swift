import Foundation
import KitCore

/// `status.json`: how a run stands. One that was killed still says "running", but nobody holds its folder's lock.
public struct RunStatus: Codable {
    public enum State: String, Codable, Sendable { case running, finished, interrupted, failed }

    public var state: State
    /// Steps done, and steps in all.
    public var step: Int
    public var steps: Int
    /// Why it ended, if it did not finish.
    public var reason: String?
    /// The exit code that goes with the reason.
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

    /// How a run that threw stands: asked to stop, or in trouble.
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
