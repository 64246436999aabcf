import Foundation

/// The file operations of a run, behind a seam so that tests can make any single one of them fail.
///
/// Every operation throws a `KitError` of kind `.inputOutput` that names the path and the system's reason.
public protocol FileSystem: AnyObject {
    /// Makes a folder and those above it; one that exists is fine.
    func makeFolder(_ path: String) throws
    /// Opens a file for writing, from scratch or at its end.
    func open(_ path: String, appending: Bool) throws -> any OutputFile
    func read(_ path: String) throws -> Data
    /// Replaces what is at the new name in one step.
    func rename(_ path: String, to newPath: String) throws
    /// Makes a symbolic link.
    func link(_ path: String, to target: String) throws
    func truncate(_ path: String, toBytes bytes: Int) throws
    /// Removes a file, a link, or a folder with all that is in it.
    func remove(_ path: String) throws
    /// Makes the names in a folder survive a power cut.
    func syncFolder(_ path: String) throws
    /// The names in a folder, sorted by their bytes; none if there is no such folder.
    func names(in folder: String) throws -> [String]
    /// Whether there is something under this name, a dangling link included.
    func exists(_ path: String) -> Bool
    /// Bytes that may still be written to the disk that holds `path`.
    func freeBytes(at path: String) -> Int?
}

/// A file being written.
public protocol OutputFile: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Makes what was written survive a power cut.
    func sync() throws
    func close() throws
}

extension OutputFile {
    public func write(_ data: some ContiguousBytes) throws { try data.withUnsafeBytes { try write($0) } }
    public func write(_ text: String) throws { try write(Array(text.utf8)) }
}

extension FileSystem {
    /// Writes a small file so that a reader sees the old or the new content, never a part. For folders that belong to one
    /// process at a time: its next one writes over what a killed one has left.
    public func replace(_ path: String, with data: Data) throws {
        let temporary = path + ".tmp"
        do {
            let file = try open(temporary, appending: false)
            do {
                try file.write(data)
                try file.sync()
                try file.close()
            } catch {
                try? file.close()
                throw error
            }
            try rename(temporary, to: path)
        } catch {
            if exists(temporary) { try? remove(temporary) }
            throw error
        }
    }
}
