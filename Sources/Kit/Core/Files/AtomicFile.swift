import Glibc

/// A file that appears under its name only when it is complete: it is written next to it, synced and renamed over it.
///
/// Until `commit` returns, the previous file is still there, complete. Errors name the path and, if known, the expected
/// number of bytes. The first failure is kept, so that `commit` also fails if a library in between ignores write
/// errors. Devices and pipes are written directly. For a symbolic link, the file that it points to is replaced, and the
/// link stays. In a dry run, `commit` removes the finished file instead of giving it its name.
public final class AtomicFile {
    public let path: String
    /// The path after following symbolic links.
    private let place: String
    private let expectedBytes: Int
    private let isDryRun = UnwrittenFiles.areWanted
    /// Nil where the file is written in place.
    private let temporary: String?
    /// The path at which the content can be read before it is committed.
    public var draftPath: String { temporary ?? place }
    private var descriptor: Int32
    /// True once the temporary file has been renamed or deleted.
    private var isOver = false
    private var position = 0
    /// How many bytes the file has so far.
    public private(set) var length = 0
    /// The `errno` of the first call that failed.
    public private(set) var failureCode: Int32?

    /// Opens the temporary file, in the folder of `path`.
    ///
    /// - Parameters:
    ///   - path: where the file is to appear.
    ///   - expectedBytes: the size the file will have, reserved at once so that a full disk is found early; 0 if unknown.
    public init(_ path: String, expectedBytes: Int = 0) throws {
        guard !path.isEmpty else { throw KitError.usage("the name of a file to write is empty") }
        try Folder.requireName(path)
        self.path = path
        place = Folder.destination(of: path)
        self.expectedBytes = expectedBytes
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG {
            temporary = nil
            // Bytes written to a device cannot be taken back.
            let path = isDryRun ? "/dev/null" : path
            // Waits for a reader of a pipe, until an interrupt.
            var opened = retried { open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK) }
            while opened < 0, errno == ENXIO, status.st_mode & S_IFMT == S_IFIFO {
                try Interrupt.check()
                usleep(20_000)
                opened = retried { open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK) }
            }
            descriptor = opened
            guard descriptor >= 0 else { throw failure(errno) }
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            return
        }
        let file = TemporaryFile.make(for: isDryRun ? UnwrittenFiles.draft(of: place) : place)
        (temporary, descriptor) = (file.path, file.descriptor)
        guard descriptor >= 0 else {
            isOver = true
            throw failure(errno)
        }
        // Whoever could not read the old file must not be able to read the new one.
        if isThere { _ = fchmod(descriptor, status.st_mode & 0o7777) }
        // File systems that cannot reserve space return EOPNOTSUPP or EINVAL: a full disk is then found while writing.
        let reserved = expectedBytes > 0 ? reserve(expectedBytes) : 0
        guard [0, EOPNOTSUPP, EINVAL].contains(reserved) else {
            let error = failure(reserved)
            abandon()
            throw error
        }
    }

    deinit { abandon() }

    /// Writes a whole file.
    public static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        let file = try AtomicFile(path, expectedBytes: bytes.count)
        try Array(bytes).withUnsafeBytes { try file.write($0) }
        try file.commit()
    }

    /// Copies a regular file.
    public static func copy(_ source: String, to path: String) throws {
        // Opening a pipe that nobody writes to would block.
        let input = retried { open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard input >= 0 else {
            let isAbsent = errno == ENOENT || errno == ENOTDIR
            throw isAbsent
                ? KitError(.noInput, "\(source): there is no such file") : .inputOutput("cannot read \(source)", errno)
        }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KitError(.noInput, "\(source): cannot be copied, since it is not a regular file")
        }
        let file = try AtomicFile(path, expectedBytes: Int(status.st_size))
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            try Interrupt.check()
            let count = retried { read(input, &block, block.count) }
            guard count >= 0 else { throw KitError.inputOutput("cannot read \(source)", errno) }
            guard count > 0 else { break }
            try block.withUnsafeBytes { try file.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        try file.commit()
    }

    /// Writes bytes at the current position: the end of the file, unless `seek` moved it.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = retried { Glibc.write(descriptor, rest.baseAddress, rest.count) }
            guard written >= 0 else { throw failure(errno) }
            position += written
            length = max(length, position)
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Moves the current position, for headers that are written last. Returns the new position in bytes from the start
    /// of the file.
    ///
    /// - Parameters:
    ///   - offset: the distance in bytes.
    ///   - whence: what `offset` counts from: `SEEK_SET`, `SEEK_CUR` or `SEEK_END`.
    @discardableResult
    public func seek(_ offset: Int, from whence: Int32 = SEEK_SET) throws -> Int {
        // The end of the file is the end of the reserved space, not of what has been written.
        let base = [SEEK_CUR: position, SEEK_END: length][whence] ?? 0
        let place = lseek(descriptor, base + offset, SEEK_SET)
        guard place >= 0 else { throw failure(errno) }
        position = place
        return place
    }

    /// Renames the file to its name, on disk and not only in the system's cache. If that fails, nothing has changed
    /// under that name.
    public func commit() throws {
        if let failureCode { throw failure(failureCode) }
        guard !isDryRun else {
            UnwrittenFiles.note(path)
            return abandon()
        }
        guard let temporary else { return try commitInPlace() }
        // The copied descriptor keeps the lock on the temporary file until it has its final name.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        defer { if copy >= 0 { close(copy) } }
        var status = stat()
        let isNew = lstat(place, &status) != 0
        do {
            guard retried({ ftruncate(descriptor, length) }) == 0, retried({ fsync(descriptor) }) == 0 else {
                throw failure(errno)
            }
            try closeDescriptor()
            guard rename(temporary, place) == 0 else { throw failure(errno) }
            isOver = true
        } catch {
            abandon()
            throw error
        }
        do { try Folder.sync(Folder.of(place)) } catch {
            if isNew { unlink(place) }
            throw error
        }
    }

    private func commitInPlace() throws {
        // Devices and pipes have nothing to sync.
        guard retried({ fsync(descriptor) }) == 0 || [EINVAL, EROFS, EOPNOTSUPP].contains(errno) else {
            throw failure(errno)
        }
        try closeDescriptor()
    }

    /// Some file systems report only here that earlier writes were lost.
    private func closeDescriptor() throws {
        let status = close(descriptor)
        descriptor = -1
        guard status == 0 || errno == EINTR else { throw failure(errno) }
    }

    private func reserve(_ bytes: Int) -> Int32 {
        while true {
            let status = posix_fallocate(descriptor, 0, off_t(bytes))
            if status != EINTR { return status }
        }
    }

    private func abandon() {
        if let temporary, !isOver { unlink(temporary) }
        if descriptor >= 0 { close(descriptor) }
        (isOver, descriptor) = (true, -1)
    }

    private func failure(_ code: Int32) -> KitError {
        failureCode = failureCode ?? code
        let size = expectedBytes > 0 ? " (\(expectedBytes) bytes)" : ""
        return .inputOutput("cannot write \(path)\(size)", code)
    }
}

extension KitError {
    /// A failed system call: the message, then the system's description of `code` (an `errno`).
    public static func inputOutput(_ message: String, _ code: Int32) -> KitError {
        KitError(.inputOutput, "\(message): \(String(cString: strerror(code)))")
    }
}

/// Repeats a system call that a signal interrupted.
@discardableResult
package func retried<Status: SignedInteger>(_ call: () -> Status) -> Status {
    while true {
        let status = call()
        if status >= 0 || errno != EINTR { return status }
    }
}
