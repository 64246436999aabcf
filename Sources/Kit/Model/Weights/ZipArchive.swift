import KitCore
import Synchronization

/// The entries of a zip archive whose content is stored without compression, as `torch.save` and `numpy.savez` write
/// it.
///
/// Opening reads only the directory. The first read of an entry compares its checksum. Compressed and encrypted entries,
/// and archives of several disks, are refused.
final class ZipArchive {
    /// For each name, the place of its content in the file.
    let entries: [String: Range<Int>]
    private let file: OpenedFile
    /// The stated checksums. That of an empty entry is 0; writers that compute none leave 0, too.
    private let checksums: [Range<Int>: UInt32]
    private let intact = Mutex<Set<Range<Int>>>([])

    /// The largest directory, for 100,000 entries and more.
    private static let largestDirectory = 1 << 24

    init(_ path: String) throws {
        file = try OpenedFile(path)
        (entries, checksums) = try Self.directory(file)
    }

    /// Reads a part of an entry.
    func read(_ entry: Range<Int>, _ part: Range<Int>, into bytes: UnsafeMutableRawBufferPointer) throws {
        precondition(part.lowerBound >= 0 && part.upperBound <= entry.count && bytes.count == part.count)
        try checkOnce(entry)
        try file.read(bytes, at: entry.lowerBound + part.lowerBound)
    }

    /// Throws if an entry's checksum is another one than the directory says.
    private func checkOnce(_ entry: Range<Int>) throws {
        guard let stated = checksums[entry], stated != 0, !intact.withLock({ $0.contains(entry) }) else { return }
        var (checksum, place) = (UInt32(0), entry.lowerBound)
        var bytes = [UInt8](repeating: 0, count: min(entry.count, 1 << 20))
        while place < entry.upperBound {
            try Interrupt.check()
            let count = min(bytes.count, entry.upperBound - place)
            try bytes.withUnsafeMutableBytes {
                let part = UnsafeMutableRawBufferPointer(rebasing: $0[..<count])
                try file.read(part, at: place)
                checksum = ReflectedCRC.zip.continued(checksum, UnsafeRawBufferPointer(part))
            }
            place += count
        }
        guard checksum == stated else {
            let name = entries.first { $0.value == entry }?.key ?? ""
            throw KitError(.badData, "\(file.path): '\(name)' is damaged: its checksum is wrong")
        }
        intact.withLock { _ = $0.insert(entry) }
    }

    /// A whole entry, which is small.
    func bytes(_ entry: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: entry.count)
        try bytes.withUnsafeMutableBytes { try read(entry, 0..<entry.count, into: $0) }
        return bytes
    }

    private static func directory(_ file: OpenedFile) throws -> ([String: Range<Int>], [Range<Int>: UInt32]) {
        func fault(_ message: String) -> KitError {
            KitError(.badData, "\(file.path): not a zip archive that can be read: \(message)")
        }
        guard let size = try file.size() else { throw fault("it is not a regular file") }
        func fields(_ count: Int, at offset: Int) throws -> LittleEndian {
            guard offset >= 0, count >= 0, offset <= size - count else { throw fault("the file is truncated") }
            var bytes = [UInt8](repeating: 0, count: count)
            try bytes.withUnsafeMutableBytes { try file.read($0, at: offset) }
            return LittleEndian(bytes)
        }
        let end = try End(size, fault, fields)
        guard end.bytes <= largestDirectory else {
            throw fault("a directory of \(end.bytes) bytes is larger than \(largestDirectory)")
        }
        let directory = try fields(end.bytes, at: end.start)
        var (entries, checksums, place): ([String: Range<Int>], [Range<Int>: UInt32], Int) = ([:], [:], 0)
        for _ in 0..<end.count {
            guard place + 46 <= end.bytes, directory.number(4, at: place) == 0x0201_4b50 else {
                throw fault("the directory is damaged")
            }
            let lengths = [28, 30, 32].map { directory.number(2, at: place + $0) }
            let next = place + 46 + lengths.reduce(0, +)
            guard next <= end.bytes,
                let name = String(validating: directory.bytes[(place + 46)..<(place + 46 + lengths[0])], as: UTF8.self)
            else { throw fault("the directory is damaged") }
            let extra = place + 46 + lengths[0]..<place + 46 + lengths[0] + lengths[1]
            guard let wide = wideFields(directory, at: place, extra: extra) else {
                throw fault("the sizes of '\(name)' are damaged")
            }
            let (method, flags) = (directory.number(2, at: place + 10), directory.number(2, at: place + 8))
            guard flags & 1 == 0 else { throw fault("'\(name)' is encrypted") }
            guard method == 0, wide.stored == wide.size else {
                throw fault("'\(name)' is compressed: write it with torch.save or numpy.savez, which never do that")
            }
            let local = try fields(30, at: wide.offset)
            guard local.number(4, at: 0) == 0x0403_4b50 else {
                throw fault("'\(name)' is not where the directory says")
            }
            let first = wide.offset + 30 + local.number(2, at: 26) + local.number(2, at: 28)
            guard first <= size, wide.size <= size - first else {
                throw fault("the file is truncated: '\(name)' ends after \(size) bytes")
            }
            guard entries.updateValue(first..<first + wide.size, forKey: name) == nil else {
                throw fault("'\(name)' is there twice")
            }
            checksums[first..<first + wide.size] = UInt32(directory.number(4, at: place + 16))
            place = next
        }
        return (entries, checksums)
    }

    /// Sizes and offset of an entry of the directory, which are in its extra fields if they need 64 bits.
    private static func wideFields(
        _ directory: LittleEndian, at place: Int, extra: Range<Int>
    ) -> (stored: Int, size: Int, offset: Int)? {
        var numbers = [(24, 4), (20, 4), (42, 4)].map { directory.number($1, at: place + $0) }
        let marked = numbers.indices.filter { numbers[$0] == 0xffff_ffff }
        guard !marked.isEmpty else { return (numbers[1], numbers[0], numbers[2]) }
        var field = extra.lowerBound
        while field + 4 <= extra.upperBound {
            let (kind, length) = (directory.number(2, at: field), directory.number(2, at: field + 2))
            guard field + 4 + length <= extra.upperBound else { return nil }
            if kind == 1 {
                guard length >= 8 * marked.count else { return nil }
                for (index, place) in marked.enumerated() {
                    guard let number = directory.wide(at: field + 4 + 8 * index) else { return nil }
                    numbers[place] = number
                }
                return (numbers[1], numbers[0], numbers[2])
            }
            field += 4 + length
        }
        return nil
    }

    /// The record at the end of an archive, which says where the directory is.
    private struct End {
        let count: Int
        let bytes: Int
        let start: Int

        init(
            _ size: Int, _ fault: (String) -> KitError, _ fields: (_ count: Int, _ offset: Int) throws -> LittleEndian
        ) throws {
            guard size >= 22 else { throw fault("it has only \(size) bytes") }
            // A comment of up to 65,535 bytes may follow the record.
            let length = min(size, 22 + 65_535)
            let last = try fields(length, size - length)
            let found = stride(from: length - 22, through: 0, by: -1).first { place in
                last.number(4, at: place) == 0x0605_4b50 && place + 22 + last.number(2, at: place + 20) == length
            }
            guard let found else { throw fault("it has no directory") }
            let record = size - length + found
            var (count, bytes, start) = (
                last.number(2, at: found + 10), last.number(4, at: found + 12), last.number(4, at: found + 16)
            )
            if count == 0xffff || bytes == 0xffff_ffff || start == 0xffff_ffff {
                let locator = try fields(20, record - 20)
                guard locator.number(4, at: 0) == 0x0706_4b50, let place = locator.wide(at: 8) else {
                    throw fault("its directory is damaged")
                }
                let wide = try fields(56, place)
                guard wide.number(4, at: 0) == 0x0606_4b50, let entries = wide.wide(at: 32),
                    let length = wide.wide(at: 40), let offset = wide.wide(at: 48)
                else { throw fault("its directory is damaged") }
                (count, bytes, start) = (entries, length, offset)
            }
            guard start <= record, bytes <= record - start, count <= bytes / 46 else {
                throw fault("its directory is damaged")
            }
            (self.count, self.bytes, self.start) = (count, bytes, start)
        }
    }
}

/// Bytes as unsigned numbers, least significant byte first.
struct LittleEndian {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A number of up to four bytes, all of which must be there.
    func number(_ count: Int, at place: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    /// A number of eight bytes; nil if it needs the highest bit.
    func wide(at place: Int) -> Int? {
        let (low, high) = (number(4, at: place), number(4, at: place + 4))
        return high < 1 << 31 ? high << 32 | low : nil
    }
}
