import Foundation
import KitCore

/// The checkpoints of one run: `checkpoints/step-N/`, and the link `latest` to the newest.
///
/// A checkpoint appears whole or not at all. Its files are written and synced in `step-N.tmp/`, which is renamed after
/// the last of them, the manifest with their SHA-256 digests, is on disk.
public final class CheckpointStore {
    private let run: String
    private let keep: Int
    private let files: any FileSystem
    private var folder: String { "\(run)/checkpoints" }

    /// - Parameters:
    ///   - run: the run folder.
    ///   - keep: the number of newest checkpoints to keep.
    ///   - files: the file system; tests pass one that fails.
    public init(run: String, keep: Int, files: any FileSystem) {
        self.run = run
        self.keep = max(1, keep)
        self.files = files
    }

    /// Writes a checkpoint and removes the oldest beyond `keep`.
    ///
    /// If anything fails, earlier checkpoints stay unchanged, and the error says how much space is needed.
    ///
    /// - Parameters:
    ///   - step: the number of steps of the weights, which names the checkpoint.
    ///   - bytes: its approximate size.
    ///   - write: writes the files. The checkpoint appears after it returns.
    public func commit(step: Int, bytes: Int, _ write: (CheckpointWriter) throws -> Void) throws {
        let partial = "\(folder)/step-\(step).tmp"
        do {
            try files.makeFolder(folder)
            if files.exists(partial) { try files.remove(partial) }
            try files.makeFolder(partial)
            let writer = CheckpointWriter(partial, files)
            try write(writer)
            try writer.writeManifest()
            try files.syncFolder(partial)
            // A checkpoint that was found damaged when the run resumed may still exist.
            if files.exists(path(step)) { try files.remove(path(step)) }
            try files.rename(partial, to: path(step))
            try files.syncFolder(folder)
            try pointLatest(to: step)
            try prune()
        } catch let error as KitError where error.kind == .inputOutput {
            if files.exists(partial) { try? files.remove(partial) }
            throw KitError(.inputOutput, "\(error.message) (\(room(for: step, bytes: bytes)))")
        }
    }

    /// The newest intact checkpoint. Calls `notice` for every damaged one that is skipped.
    public func newest(_ notice: (String) -> Void) throws -> Checkpoint? {
        for step in try steps().reversed() {
            do {
                return try verified(step)
            } catch let error as KitError {
                notice("checkpoint step-\(step) is damaged and skipped: \(error.message)")
            }
        }
        return nil
    }

    /// The checkpoint of one step. Throws if it is damaged.
    package func verified(_ step: Int) throws -> Checkpoint {
        let checkpoint = Checkpoint(step: step, folder: path(step))
        try CheckpointManifest.verify(checkpoint.folder, files)
        return checkpoint
    }

    /// Cleans up after an interrupted commit: removes half-written folders and points `latest` to the newest
    /// checkpoint.
    public func repair(newest: Checkpoint?) throws {
        for name in try files.names(in: folder) where name.hasSuffix(".tmp") { try files.remove("\(folder)/\(name)") }
        if let newest { try pointLatest(to: newest.step) }
    }

    private func path(_ step: Int) -> String { "\(folder)/step-\(step)" }

    /// The steps that have a checkpoint, oldest first.
    package func steps() throws -> [Int] {
        try files.names(in: folder).filter { $0.hasPrefix("step-") }.compactMap { Int($0.dropFirst(5)) }.sorted()
    }

    private func pointLatest(to step: Int) throws {
        let partial = "\(run)/latest.tmp"
        if files.exists(partial) { try files.remove(partial) }
        try files.link(partial, to: "checkpoints/step-\(step)")
        try files.rename(partial, to: "\(run)/latest")
        try files.syncFolder(run)
    }

    private func prune() throws {
        for step in try steps().dropLast(keep) {
            // Renames the folder first, so that a half-removed one does not look like a checkpoint.
            try files.rename(path(step), to: path(step) + ".tmp")
            try files.remove(path(step) + ".tmp")
        }
    }

    private func room(for step: Int, bytes: Int) -> String {
        let free = files.freeBytes(at: run).map { ", \(byteText($0)) are free" } ?? ""
        let safe = (try? newest { _ in }).flatMap { $0 }.map { "; step-\($0.step) is intact" } ?? ""
        return "the checkpoint of step \(step) needs \(byteText(bytes))\(free)\(safe)"
    }
}

/// A checkpoint on disk.
public struct Checkpoint {
    /// The weights of all trained modules.
    package static let modelFile = "model.safetensors"
    /// The folder of the checkpoint with the best value, which is itself like a run folder.
    package static let bestFolder = "best"
    /// Their moving average, if the run keeps one.
    package static let averageFile = "average.safetensors"
    static let optimizerFile = "optimizer.safetensors"
    /// The step and the position in the data.
    static let stateFile = "state.json"

    public let step: Int
    public let folder: String
    public func path(_ file: String) -> String { "\(folder)/\(file)" }
}
