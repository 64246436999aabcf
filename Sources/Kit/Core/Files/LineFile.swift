import Glibc

/// A file of lines that several processes may append to.
public enum LineFile {
    /// Appends whole lines and syncs them to disk. On an error, none of them is added. A dry run adds none.
    ///
    /// Throws if the file exists and its first line is of another kind: a file of weights, say, whose end would be taken
    /// for the rest of a line.
    ///
    /// - Parameters:
    ///   - lines: the bytes of the lines, each with its line break.
    ///   - path: the file, created if it does not exist.
    ///   - isWhole: whether text is a line of this file. Text behind the last line break that is not is the rest of a
    ///     line that a killed process was writing, and is removed.
    public static func append(
        _ lines: some Collection<UInt8>, to path: String, isWhole: ([UInt8]) -> Bool
    ) throws {
        guard !UnwrittenFiles.areWanted else { return UnwrittenFiles.note(path) }
        func failure() -> KitError { .inputOutput("cannot write \(path)", errno) }
        let flags = O_RDWR | O_APPEND | O_CLOEXEC
        var isNew = false
        var descriptor = retried { open(path, flags) }
        if descriptor < 0, errno == ENOENT {
            isNew = true
            descriptor = retried { open(path, flags | O_CREAT, 0o666) }
        }
        guard descriptor >= 0 else { throw failure() }
        // Waits for other writers. On file systems without locks, one call to `write` still keeps lines whole.
        retried { flock(descriptor, LOCK_EX) }
        var end: Int?
        do {
            guard let content = contentEnd(descriptor) else { throw failure() }
            let isKept = !content.rest.isEmpty && isWhole(content.rest)
            guard isKept || startsAlike(descriptor, content, isWhole) else {
                throw KitError(
                    .badData,
                    "\(path): its first line is not one of a file of this kind, so that nothing can be added to it")
            }
            end = content.lines + (isKept ? content.rest.count : 0)
            guard retried({ ftruncate(descriptor, off_t(end!)) }) == 0 else { throw failure() }
            try write((isKept ? [UInt8(ascii: "\n")] : []) + lines, descriptor, failure)
            guard retried({ fsync(descriptor) }) == 0 else { throw failure() }
            let file = descriptor
            descriptor = -1
            guard close(file) == 0 || errno == EINTR else { throw failure() }
            if isNew { try Folder.sync(Folder.of(path)) }
        } catch {
            if isNew { unlink(path) } else if let end { truncate(path, off_t(end)) }
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
    }

    /// Removes a partial line that a killed process left. Does nothing if the file does not exist.
    public static func repair(_ path: String, isWhole: ([UInt8]) -> Bool) throws {
        if access(path, F_OK) == 0 { try append([], to: path, isWhole: isWhole) }
    }

    /// Whether the first line is one of the file's. In a file without line breaks, an unfinished first line begins like a
    /// JSON object.
    private static func startsAlike(
        _ descriptor: Int32, _ content: (lines: Int, rest: [UInt8]), _ isWhole: ([UInt8]) -> Bool
    ) -> Bool {
        guard content.lines > 0 else { return content.rest.isEmpty || content.rest.first == UInt8(ascii: "{") }
        var start = [UInt8](repeating: 0, count: min(content.lines, 1 << 20))
        guard retried({ pread(descriptor, &start, start.count, 0) }) == start.count else { return false }
        return isWhole(Array(start.prefix { $0 != UInt8(ascii: "\n") }))
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ failure: () -> KitError) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                retried { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard count >= 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
    }

    /// The number of bytes in whole lines, and the rest behind them; nil if the file cannot be read.
    private static func contentEnd(_ descriptor: Int32) -> (lines: Int, rest: [UInt8])? {
        var end = Int(lseek(descriptor, 0, SEEK_END))
        guard end >= 0 else { return nil }
        var rest: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while end > 0 {
            let first = max(0, end - block.count)
            guard retried({ pread(descriptor, &block, end - first, off_t(first)) }) == end - first else { return nil }
            let last = block[..<(end - first)].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
            rest = block[(last ?? 0)..<(end - first)] + rest
            if let last { return (first + last, rest) }
            end = first
        }
        return (0, rest)
    }
}
