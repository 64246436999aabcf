import Glibc
import KitCore
import KitMedia

/// The files of a folder and its sub-folders, whatever bytes their names consist of.
///
/// Linked folders are searched after all others, and each folder is searched once, even if several links lead to it.
/// Circular links therefore end, and no file is found twice.
struct FolderWalk {
    struct File {
        /// The path in the folder.
        let path: String
        let identity: Identity
        let isLink: Bool
    }

    /// The identity of a file or folder, independent of its names.
    struct Identity: Hashable {
        let device: UInt
        let inode: UInt

        init(_ status: stat) { (device, inode) = (UInt(status.st_dev), UInt(status.st_ino)) }
    }

    /// Sorted by the bytes of the path.
    private(set) var files: [File] = []
    private(set) var skipped: [SkippedFile] = []
    private let root: String
    private let isDeep: Bool
    private var searched: Set<Identity> = []
    private var links: [String] = []

    /// - Parameters:
    ///   - root: the folder, or a link to it.
    ///   - isDeep: whether to search sub-folders.
    init(_ root: String, isDeep: Bool = true) throws {
        (self.root, self.isDeep) = (root, isDeep)
        guard try search("") else {
            throw KitError(.noInput, "\(root): cannot list this folder: \(String(cString: strerror(errno)))")
        }
        while !links.isEmpty {
            let link = links.removeFirst()
            if try !search(link) { skipped.append(SkippedFile(.unreadable, link)) }
        }
        files.sort { $0.path.precedes($1.path) }
    }

    /// Lists a folder, then its sub-folders. Returns false if it cannot be listed.
    private mutating func search(_ folder: String) throws -> Bool {
        try Interrupt.check()
        guard let handle = opendir(folder.isEmpty ? root : "\(root)/\(folder)") else { return false }
        var status = stat()
        fstat(dirfd(handle), &status)
        guard searched.insert(Identity(status)).inserted else {
            closedir(handle)
            skipped.append(SkippedFile(.sameFolder, folder))
            return true
        }
        var folders: [String] = []
        for bytes in Self.names(of: handle) { note(bytes, in: folder, handle, &folders) }
        // Closes the folder before opening sub-folders, so that a deep tree does not have more open folders than a flat
        // one.
        closedir(handle)
        for folder in folders where try !search(folder) { skipped.append(SkippedFile(.unreadable, folder)) }
        return true
    }

    private mutating func note(_ bytes: [UInt8], in folder: String, _ handle: OpaquePointer, _ folders: inout [String])
    {
        let place = folder.isEmpty ? "" : "\(folder)/"
        let name = String(validating: bytes, as: UTF8.self)
        let path = place + (name ?? FileName.escaped(bytes))
        let isOfUse = Container.isMedia(path)
        var own = stat()
        var target = stat()
        let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
        guard fstatat(dirfd(handle), terminated, &own, AT_SYMLINK_NOFOLLOW) == 0 else {
            return skipped.append(SkippedFile(.unreadable, path))
        }
        let isLink = own.st_mode & S_IFMT == S_IFLNK
        let isBroken = fstatat(dirfd(handle), terminated, &target, 0) != 0
        let isFolder = !isBroken && target.st_mode & S_IFMT == S_IFDIR
        // Anything that is not, and cannot have been, a folder or a usable file need not be reported.
        guard isFolder || isBroken ? isDeep : isOfUse else { return }
        if name == nil { return skipped.append(SkippedFile(.notUTF8, path)) }
        if bytes.first == UInt8(ascii: ".") { return skipped.append(SkippedFile(.hidden, path)) }
        if isBroken { return skipped.append(SkippedFile(.brokenLink, path)) }
        if isFolder {
            if isLink { links.append(path) } else { folders.append(path) }
        } else if target.st_mode & S_IFMT == S_IFREG {
            files.append(File(path: path, identity: Identity(target), isLink: isLink))
        } else {
            skipped.append(SkippedFile(.notAFile, path))
        }
    }

    /// The names in a folder, sorted by their bytes.
    private static func names(of handle: OpaquePointer) -> [[UInt8]] {
        var names: [[UInt8]] = []
        while let entry = readdir(handle) {
            let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let bytes = [UInt8](UnsafeRawBufferPointer(start: name, count: strlen(name)))
            if bytes != Array(".".utf8), bytes != Array("..".utf8) { names.append(bytes) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
