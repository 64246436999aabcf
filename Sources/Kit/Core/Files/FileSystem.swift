import Foundation

/// The file operations of a run, as a protocol, so that tests can make any single one of them fail.
///
/// Every operation throws a `KitError` of kind `.inputOutput` that names the path and the system's reason.
public protocol FileSystem: AnyObject {
    /// Creates a folder and its parents; it may exist already.
    func makeFolder(_ path: String) throws
    /// Opens a file for writing, empty or at its end.
    func open(_ path: String, appending: Bool) throws -> any OutputFile
    func read(_ path: String) throws -> Data
    /// Renames a file and replaces any file of the new name in one step.
    func rename(_ path: String, to newPath: String) throws
    /// Makes a symbolic link.
    func link(_ path: String, to target: String) throws
    func truncate(_ path: String, toBytes bytes: Int) throws
    /// Removes a file, a link, or a folder with all that is in it.
    func remove(_ path: String) throws
    /// Syncs a folder, so that the names in it survive a power cut.
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
    /// Syncs the file, so that its content survives a power cut.
    func sync() throws
    func close() throws
}

extension OutputFile {
    public func write(_ data: some ContiguousBytes) throws { try data.withUnsafeBytes { try write($0) } }
    public func write(_ text: String) throws { try write(Array(text.utf8)) }
}

extension FileSystem {
    /// Writes a small file so that a reader sees the old or the new content, never a part of it. Only for folders that
    /// one process at a time writes to: it overwrites the temporary file that a killed process may have left.
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
