import Foundation
import Kit

/// The real files, until the k-th operation that changes them: then the disk is full, or the process is gone.
public final class TroubledFileSystem: FileSystem {
    public enum Trouble: Sendable {
        /// From the k-th operation on nothing can be added; half of a write that hits the limit gets through.
        case full
        /// The k-th operation alone fails, as a flaky disk does.
        case glitch
        /// The process dies in the k-th operation as by `kill -9`; half of a write gets through.
        case kill
        /// Ctrl-C is pressed in the k-th operation.
        case interrupt
    }

    private let disk = DiskFileSystem()
    private let trouble: Trouble
    private let limit: Int
    /// How many changing operations were asked for.
    public private(set) var operations = 0

    public init(_ trouble: Trouble = .glitch, at limit: Int = .max) {
        self.trouble = trouble
        self.limit = limit
    }

    /// Counts an operation, and fails in it if it is its turn.
    func change(_ path: String, addsBytes: Bool = true, partly: () throws -> Void = {}) throws {
        operations += 1
        switch trouble {
        case .glitch where operations == limit:
            throw KitError(.inputOutput, "cannot change '\(path)': Input/output error")
        case .full where operations >= limit && addsBytes:
            try partly()
            throw KitError(.inputOutput, "cannot write '\(path)': No space left on device")
        case .kill where operations == limit:
            try partly()
            kill(getpid(), SIGKILL)
        case .interrupt where operations == limit: Interrupt.request()
        default: break
        }
    }

    public func makeFolder(_ path: String) throws {
        try change(path)
        try disk.makeFolder(path)
    }

    public func open(_ path: String, appending: Bool) throws -> any OutputFile {
        try change(path)
        return TroubledFile(try disk.open(path, appending: appending), path, self)
    }

    public func rename(_ path: String, to newPath: String) throws {
        try change(path, addsBytes: false)
        try disk.rename(path, to: newPath)
    }

    public func link(_ path: String, to target: String) throws {
        try change(path)
        try disk.link(path, to: target)
    }

    public func truncate(_ path: String, toBytes bytes: Int) throws {
        try change(path, addsBytes: false)
        try disk.truncate(path, toBytes: bytes)
    }

    public func remove(_ path: String) throws {
        try change(path, addsBytes: false) {
            // A folder may be gone in part.
            if let first = try? disk.names(in: path).first { try? disk.remove("\(path)/\(first)") }
        }
        try disk.remove(path)
    }

    public func syncFolder(_ path: String) throws {
        try change(path, addsBytes: false)
        try disk.syncFolder(path)
    }

    public func read(_ path: String) throws -> Data { try disk.read(path) }
    public func names(in folder: String) throws -> [String] { try disk.names(in: folder) }
    public func exists(_ path: String) -> Bool { disk.exists(path) }
    public func freeBytes(at path: String) -> Int? {
        trouble == .full && operations >= limit ? 0 : disk.freeBytes(at: path)
    }
}

private final class TroubledFile: OutputFile {
    private let file: any OutputFile
    private let path: String
    private let system: TroubledFileSystem

    init(_ file: any OutputFile, _ path: String, _ system: TroubledFileSystem) {
        self.file = file
        self.path = path
        self.system = system
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try system.change(path) { try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])) }
        try file.write(bytes)
    }

    func sync() throws {
        try system.change(path, addsBytes: false)
        try file.sync()
    }

    func close() throws {
        try system.change(path, addsBytes: false)
        try file.close()
    }
}
