import Foundation
import Glibc

/// The real files of this machine.
public final class DiskFileSystem: FileSystem {
    public init() {}

    public func makeFolder(_ path: String) throws { try Folder.make(path) }

    public func open(_ path: String, appending: Bool) throws -> any OutputFile {
        let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
        let descriptor = retried { Glibc.open(path, mode, 0o666) }
        guard descriptor >= 0 else { throw failure("open", path) }
        return DiskFile(descriptor, path)
    }

    public func read(_ path: String) throws -> Data {
        guard access(path, R_OK) == 0 else { throw failure("read", path) }
        if let kind = FileName.waitingKind(path) {
            throw KitError(.inputOutput, "cannot read '\(path)': it is \(kind)")
        }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw failure("read", path, error)
        }
    }

    public func rename(_ path: String, to newPath: String) throws {
        guard Glibc.rename(path, newPath) == 0 else { throw failure("rename to '\(newPath)' the file", path) }
    }

    public func link(_ path: String, to target: String) throws {
        guard symlink(target, path) == 0 else { throw failure("make the link", path) }
    }

    public func truncate(_ path: String, toBytes bytes: Int) throws {
        guard Glibc.truncate(path, bytes) == 0 else { throw failure("shorten", path) }
    }

    public func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw failure("remove", path, error)
        }
    }

    public func syncFolder(_ path: String) throws { try Folder.sync(path) }

    public func names(in folder: String) throws -> [String] {
        guard exists(folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sortedByBytes()
        } catch {
            throw failure("list the folder", folder, error)
        }
    }

    public func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    public func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}

private final class DiskFile: OutputFile {
    private var descriptor: Int32
    private let path: String

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = retried { Glibc.write(descriptor, rest.baseAddress, rest.count) }
            guard count >= 0 else { throw failure("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func sync() throws {
        guard retried({ fsync(descriptor) }) == 0 else { throw failure("sync", path) }
    }

    func close() throws {
        guard descriptor >= 0 else { return }
        defer { descriptor = -1 }
        // Some file systems report only here that earlier writes were lost.
        guard Glibc.close(descriptor) == 0 else { throw failure("close", path) }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }
}

private func failure(_ action: String, _ path: String) -> KitError {
    .inputOutput("cannot \(action) '\(path)'", errno)
}

/// Foundation's messages leave out the system's reason.
private func failure(_ action: String, _ path: String, _ error: any Error) -> KitError {
    guard let code = error.systemCode else {
        return KitError(.inputOutput, "cannot \(action) '\(path)': \(error.localizedDescription)")
    }
    return .inputOutput("cannot \(action) '\(path)'", code)
}
