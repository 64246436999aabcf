import Foundation
import Glibc
import KitCore

/// Where the bytes of a media file are: a file of its own, or a member of a tar file, as in `films.tar/market.mkv`.
package struct MediaPlace {
    /// The file on the disk.
    package let file: String
    /// Its bytes in that file.
    package let range: Range<Int>
    /// Whether it is a member of a tar file.
    package let isMember: Bool
    /// The file on the disk whatever its name, and when it was written.
    let identity: FileIdentity

    /// The place of a path. Throws `.noInput` if there is no such file, and `.badData` if it is empty.
    package init(_ path: String) throws {
        if let place = try Self.find(path) {
            guard !place.range.isEmpty else { throw KitError(.badData, "\(path): empty file") }
            self = place
            return
        }
        if let (tar, member) = Self.split(path) { throw try TarIndex.of(tar).missing(member) }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw KitError(.noInput, "\(path): \(String(cString: strerror(errno)))")
        }
        throw KitError(.noInput, "\(path): expected a media file, found a folder or device")
    }

    private init(_ file: String, _ range: Range<Int>, _ identity: FileIdentity, isMember: Bool) {
        (self.file, self.range, self.identity, self.isMember) = (file, range, identity, isMember)
    }

    /// The place of a path; nil if there is no such file. Throws `.badData` if the tar file that contains it is damaged.
    package static func find(_ path: String) throws -> MediaPlace? {
        if let identity = FileIdentity(path) {
            return MediaPlace(path, 0..<identity.size, identity, isMember: false)
        }
        guard let (tar, member) = split(path), let identity = FileIdentity(tar) else { return nil }
        guard let range = try TarIndex.of(tar).member(member)?.range else { return nil }
        return MediaPlace(tar, range, identity, isMember: true)
    }

    /// The tar file and the member in it that a path means: `a/films.tar` and `b/market.mkv` of
    /// `a/films.tar/b/market.mkv`. Nil if no file on the path is a tar file.
    package static func split(_ path: String) -> (tar: String, member: String)? {
        var search = path[...]
        while let end = search.range(of: "\(TarIndex.ending)/", options: .caseInsensitive)?.upperBound {
            let tar = String(path[..<path.index(before: end)])
            if FileIdentity(tar) != nil { return (tar, String(path[end...])) }
            search = path[end...]
        }
        return nil
    }

    /// The tar file that a path leads into, by the path alone; else its folder.
    package static func container(of path: String) -> String {
        if let end = path.range(of: "\(TarIndex.ending)/", options: .caseInsensitive)?.upperBound {
            return String(path[..<path.index(before: end)])
        }
        return Folder.of(path)
    }
}

/// A regular file as it is at one moment, independent of its names.
struct FileIdentity: Hashable {
    let size: Int
    private let device, inode, seconds, nanoseconds: Int

    /// Nil if there is no regular file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int(status.st_size)
        device = Int(bitPattern: UInt(status.st_dev))
        inode = Int(bitPattern: UInt(status.st_ino))
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}
