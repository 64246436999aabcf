import Foundation
import Kit
import TestSupport
import Testing

/// The order of names from outside.
@Suite struct ByteOrderTests {
    /// "é" composed and decomposed, and what surrounds them: in Swift the first two are equal.
    static let names = ["e", "e\u{301}", "\u{E9}", "e\u{301}.", "\u{E9}a", "ez", "f"]

    @Test func asciiNamesKeepTheirOrder() {
        var random = RandomStream(seed: 4)
        let names = (0..<2000).map { _ in
            String(
                decoding: (0..<random.index(below: 6)).map { _ in UInt8(1 + random.index(below: 127)) }, as: UTF8.self)
        }
        for (one, other) in zip(names, names.dropFirst()) {
            #expect(one.precedes(other) == (one < other), "\(one.debugDescription) \(other.debugDescription)")
        }
    }

    @Test func theOrderDoesNotDependOnWhereNamesComeFrom() {
        #expect("e\u{301}" == "\u{E9}")
        let expected = ["e", "ez", "e\u{301}", "e\u{301}.", "f", "\u{E9}", "\u{E9}a"].map { Array($0.utf8) }
        var names = Self.names
        for _ in 0..<names.count {
            names.append(names.removeFirst())
            #expect(names.sortedByBytes().map { Array($0.utf8) } == expected)
            #expect(names.reversed().sortedByBytes(of: \.self).map { Array($0.utf8) } == expected)
        }
    }

    /// Whichever of two equal names a folder happens to list first.
    @Test(arguments: [false, true]) func aFolderIsListedInThatOrder(isReversed: Bool) throws {
        // The order in which a file system in memory lists files is that in which they were made.
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            for name in isReversed ? Self.names.reversed() : Self.names {
                // Foundation might compose it.
                let path = Array("\(folder.path)/\(name)".utf8CString)
                let file = open(path, O_CREAT | O_WRONLY, 0o600)
                #expect(file >= 0)
                close(file)
            }
            let listed = try DiskFileSystem().names(in: folder.path)
            #expect(listed.map { Array($0.utf8) } == Self.names.sortedByBytes().map { Array($0.utf8) })
        }
    }
}
