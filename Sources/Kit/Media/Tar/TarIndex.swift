import Glibc
import KitCore
import Synchronization

/// The members of a tar file and where their bytes are. Nothing is ever unpacked: members are read in their places.
///
/// Headers of POSIX.1-2001 (ustar and pax), GNU tar (long names, large sizes) and Unix V7 are read. A file that is
/// damaged, truncated, compressed or joined to another is refused, as are sparse files and two members of one name.
package struct TarIndex: Sendable {
    /// The end of the names of tar files.
    package static let ending = ".tar"

    package struct Member: Sendable {
        package let name: String
        package let range: Range<Int>
    }

    /// Why a member cannot be read.
    package enum Unread: Sendable {
        case special
        case notUTF8
        /// The name is absolute or leads to a folder above.
        case leadsOut
    }

    /// In the order of the file.
    package private(set) var members: [Member] = []
    package private(set) var unread: [(name: String, reason: Unread)] = []
    private let path: String
    /// The numbers of the members by the bytes of their names.
    private var order: [Int] = []

    /// Headers with names or records are never longer than this.
    private static let longestNote = 1 << 20

    /// The members of a tar file. Throws `.badData` with the path, the byte and the reason if it cannot be trusted.
    package init(_ path: String) throws {
        guard FileIdentity(path) != nil, let file = FileBytes(path) else {
            throw KitError.inputOutput("cannot read \(path)", errno)
        }
        self.path = path
        do {
            try read(file)
            let names = members.map(\.name)
            order = names.indices.sorted { names[$0].precedes(names[$1]) }
            for (one, other) in zip(order, order.dropFirst()) where !names[one].precedes(names[other]) {
                throw KitError(.badData, "has two members '\(names[one])'")
            }
        } catch let error as KitError { throw error.prefixed(path) }
    }

    private mutating func read(_ file: FileBytes) throws {
        try Self.refuseCompressed(file, path)
        var place = 0
        // What headers say of the next member.
        var name: [UInt8]?
        var records: PaxRecords?
        while true {
            try Interrupt.check()
            guard place < file.count else {
                throw KitError(.badData, "is truncated: it has no end mark after byte \(place)")
            }
            guard let block = file.bytes(at: place, count: TarHeader.size) else {
                throw KitError(.badData, "is truncated: a header at byte \(place) is not complete")
            }
            if block.allSatisfy({ $0 == 0 }) { return try Self.checkEnd(file, from: place) }
            do {
                let header = try TarHeader(block)
                let size = header.kind == .file ? records?.size ?? header.size : header.size
                let content = place + TarHeader.size
                guard size <= file.count - content else {
                    throw KitError(
                        .badData,
                        "is truncated: a member of \(size) bytes is longer than what follows (\(file.count - content) bytes)"
                    )
                }
                func note() throws -> [UInt8] {
                    guard size <= Self.longestNote, let bytes = file.bytes(at: content, count: size) else {
                        throw KitError(
                            .badData, "a name or record of \(size) bytes: at most \(Self.longestNote) are read")
                    }
                    return bytes
                }
                switch header.kind {
                case .longName: name = Array(try note().prefix { $0 != 0 })
                case .records: records = try PaxRecords(try note())
                case .globalRecords: _ = try PaxRecords(try note())
                case .longLink, .label: break
                case .unsupported(let what): throw KitError(.badData, "a member is \(what)")
                case .file, .folder, .special:
                    let own = records?.path ?? name ?? header.name
                    if header.kind != .folder { add(own, content..<content + size, isFile: header.kind == .file) }
                    (name, records) = (nil, nil)
                }
                place = min(file.count, content + (size + TarHeader.size - 1) / TarHeader.size * TarHeader.size)
            } catch let error as KitError { throw error.prefixed("header at byte \(place)") }
        }
    }

    private mutating func add(_ bytes: [UInt8], _ range: Range<Int>, isFile: Bool) {
        guard let name = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            return unread.append((FileName.escaped(bytes), .notUTF8))
        }
        let parts = name.parts(separatedBy: "/").filter { $0 != "." }
        guard !name.utf8.starts(with: "/".utf8), !parts.contains(".."), !parts.isEmpty else {
            return unread.append((name, .leadsOut))
        }
        let plain = parts.joined(separator: "/")
        guard isFile else { return unread.append((plain, .special)) }
        members.append(Member(name: plain, range: range))
    }

    private static let compressions: [(name: String, mark: [UInt8], tool: String, endings: [String])] = [
        ("gzip", [0x1F, 0x8B], "gunzip", ["tgz", "tar.gz"]),
        ("bzip2", Array("BZh".utf8), "bunzip2", ["tbz2", "tar.bz2"]),
        ("xz", [0xFD] + Array("7zXZ".utf8), "unxz", ["txz", "tar.xz"]),
        ("zstd", [0x28, 0xB5, 0x2F, 0xFD], "unzstd", ["tzst", "tar.zst"]),
    ]

    /// The command that makes a tar file from a file with the name of a compressed one; nil for other names.
    package static func advice(compressed path: String) -> String? {
        let name = path.lowercased()
        for compression in compressions {
            guard let ending = compression.endings.first(where: { name.hasSuffix(".\($0)") }) else { continue }
            return advice(compression.tool, path, "\(path.dropLast(ending.count + 1)).tar")
        }
        return nil
    }

    private static func advice(_ tool: String, _ path: String, _ target: String) -> String {
        "first run: \(tool) < \(path.shellQuoted) > \(target.shellQuoted)"
    }

    private static func refuseCompressed(_ file: FileBytes, _ path: String) throws {
        guard let start = file.bytes(at: 0, count: min(8, file.count)),
            let format = compressions.first(where: { start.starts(with: $0.mark) })
        else { return }
        // The name may say nothing of the compression.
        let advice = advice(compressed: path) ?? advice(format.tool, path, "\(FileName.stem(path)).plain.tar")
        throw KitError(
            .badData,
            "is compressed with \(format.name), so that its members cannot be read in their places: \(advice)")
    }

    /// Throws if anything but zeros follows the end mark.
    private static func checkEnd(_ file: FileBytes, from end: Int) throws {
        let block = 1 << 20
        for place in stride(from: end, to: file.count, by: block) {
            try Interrupt.check()
            let bytes = file.bytes(at: place, count: min(block, file.count - place)) ?? []
            guard let index = bytes.firstIndex(where: { $0 != 0 }) else { continue }
            throw KitError(
                .badData,
                "goes on after its end mark, at byte \(place + index): several tar files joined end to end? Split them")
        }
    }

    /// The member of a name; nil if there is none.
    package func member(_ name: String) -> Member? {
        let place = firstPlace(notBefore: name)
        guard order.indices.contains(place), members[order[place]].name.utf8.elementsEqual(name.utf8) else {
            return nil
        }
        return members[order[place]]
    }

    /// The names that begin with a text, by their bytes.
    package func names(startingWith start: String) -> [String] {
        order[firstPlace(notBefore: start)...].lazy.map { members[$0].name }.prefix { $0.utf8.starts(with: start.utf8) }
            .map { $0 }
    }

    private func firstPlace(notBefore name: String) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if members[order[middle]].name.precedes(name) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The error for a member that does not exist.
    func missing(_ name: String) -> KitError {
        KitError(.noInput, "\(path): has no member '\(name)'\(NearestName.hint(name, in: members.map(\.name)))")
    }
}

extension TarIndex {
    private static let known = Mutex<[FileIdentity: TarIndex]>([:])

    /// The members of a tar file, which is read once for as long as it stays the same.
    package static func of(_ path: String) throws -> TarIndex {
        let identity = FileIdentity(path)
        if let identity, let index = known.withLock({ $0[identity] }) { return index }
        let index = try TarIndex(path)
        if let identity { known.withLock { $0[identity] = index } }
        return index
    }
}
