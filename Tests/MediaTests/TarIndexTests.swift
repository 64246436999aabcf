import Foundation
import Kit
import TestSupport
import Testing

/// Tar files of all formats, and those that are refused.
@Suite struct TarIndexTests {
    private func index(_ bytes: [UInt8]) throws -> TarIndex {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/films.tar"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try TarIndex(path)
        }
    }

    private func refusal(_ bytes: [UInt8]) -> String {
        do {
            let names = try index(bytes).members.map(\.name)
            return "read: \(names)"
        } catch { return "\(error)".components(separatedBy: "films.tar: ").last! }
    }

    @Test func membersOfAllFormatsAreFound() throws {
        let long = String(repeating: "folder/", count: 20) + "market.mkv"
        var tar = TarBytes()
        tar.add("old.wav", [1, 2, 3], magic: "")
        tar.add("gnu.wav", [4], magic: "ustar  ")
        tar.add("././@LongLink", Array("\(long)\u{0}".utf8), kind: "L", magic: "ustar  ")
        tar.add("folder/cut", [5, 6], magic: "ustar  ")
        tar.add("PaxHeaders/x", TarBytes.record("mtime", "1.5") + TarBytes.record("path", "p/\(long)"), kind: "x")
        tar.add("cut", [7])
        tar.add("global", TarBytes.record("comment", "x"), kind: "g")
        tar.add("x.wav", [8]) { block in block.replaceSubrange(345..<349, with: "deep".utf8) }
        tar.add("base256.wav", [9], size: "") { block in
            (block[124], block[135]) = (0x80, 1)
        }
        tar.add("pax", TarBytes.record("size", "2"), kind: "x")
        tar.add("large.wav", [10, 11], size: TarBytes.octal(0))
        tar.add("./plain/./café.wav", [12])
        tar.add("folder", kind: "5", size: TarBytes.octal(9))
        tar.add("old/", magic: "") { $0[156] = 0 }
        let found = try index(tar.ended())
        #expect(
            found.members.map(\.name) == [
                "old.wav", "gnu.wav", long, "p/\(long)", "deep/x.wav", "base256.wav", "large.wav", "plain/café.wav",
            ])
        let bytes = tar.bytes
        #expect(
            found.members.map { Array(bytes[$0.range]) } == [[1, 2, 3], [4], [5, 6], [7], [8], [9], [10, 11], [12]])
        #expect(found.member("deep/x.wav")?.range == found.members[4].range)
        #expect(found.member("deep/y.wav") == nil)
        #expect(found.names(startingWith: "p") == ["p/\(long)", "plain/café.wav"])
        #expect(found.unread.isEmpty)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        var tar = TarBytes()
        tar.add("../out.wav", [1])
        tar.add("/etc/passwd.wav", [1])
        tar.add("a/../../b.wav", [1])
        tar.add("hard.wav", kind: "1", size: TarBytes.octal(4000))
        tar.add("soft.wav", kind: "2")
        tar.add("pipe.wav", kind: "6")
        tar.add("", [1]) { $0[0] = 0xE9 }
        tar.add("fine.wav", [1])
        let found = try index(tar.ended())
        #expect(found.members.map(\.name) == ["fine.wav"])
        #expect(
            found.unread.map { "\($0.name) \($0.reason)" } == [
                "../out.wav leadsOut", "/etc/passwd.wav leadsOut", "a/../../b.wav leadsOut", "hard.wav special",
                "soft.wav special", "pipe.wav special", "\\xE9 notUTF8",
            ])
    }

    @Test func damagedFilesAreRefused() throws {
        let whole = TarBytes.file([("a.wav", String(repeating: "x", count: 700)), ("b.wav", "y")])
        #expect(refusal(Array(whole[..<2560])) == "is truncated: it has no end mark after byte 2560")
        #expect(refusal(Array(whole[..<2000])) == "is truncated: a header at byte 1536 is not complete")
        #expect(
            refusal(Array(whole[..<900]))
                == "header at byte 0: is truncated: a member of 700 bytes is longer than what follows (388 bytes)")
        var flipped = whole
        flipped[1537] ^= 1
        #expect(refusal(flipped) == "header at byte 1536: its checksum is wrong")
        #expect(refusal([]) == "is truncated: it has no end mark after byte 0")
        #expect(refusal(Array("PK no tar file, but a text that is longer than a header".utf8)).contains("not complete"))
        #expect(refusal(whole + whole).hasPrefix("goes on after its end mark, at byte 3584: several tar files joined"))
        for (mark, name) in [
            ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x42, 0x5A, 0x68], "bzip2"),
        ] {
            #expect(refusal(mark.map(UInt8.init) + whole).hasPrefix("is compressed with \(name)"))
        }
    }

    /// What the message says makes a tar file that is read, whatever the compressed one is called.
    @Test(arguments: ["films.tar.gz", "films.TGZ", "films.tar", "my films.tar.gz"])
    func theAdviceForCompressedFilesWorks(_ name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            var tar = TarBytes()
            tar.add("a.wav", [1, 2, 3])
            let (plain, path) = ("\(folder.path)/plain", "\(folder.path)/\(name)")
            try Data(tar.ended()).write(to: URL(fileURLWithPath: plain))
            func shell(_ command: String) throws {
                let process = try Process.run(URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", command])
                process.waitUntilExit()
                #expect(process.terminationStatus == 0, "\(command)")
            }
            try shell("gzip < '\(plain)' > '\(path)'")
            var advice = ""
            do { _ = try TarIndex(path) } catch { advice = "\(error)" }
            let command = try #require(advice.firstMatch(of: #/: first run: (gunzip .*)/#)?.1)
            try shell(String(command))
            let made = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
                    ![name, "plain"].contains($0)
                })
            #expect(try TarIndex("\(folder.path)/\(made)").members.map(\.name) == ["a.wav"])
        }
    }

    @Test func hostileHeadersAreRefused() throws {
        func one(_ add: (inout TarBytes) -> Void) -> String {
            var tar = TarBytes()
            add(&tar)
            tar.add("end.wav", [1])
            return refusal(tar.ended())
        }
        let huge = one { $0.add("a.wav", size: "77777777777") }
        #expect(huge.contains("a member of 8589934591 bytes is longer than what follows"))
        #expect(
            one {
                $0.add("a.wav", size: "") {
                    $0.replaceSubrange(124..<136, with: [0xFF] + [UInt8](repeating: 0xFF, count: 11))
                }
            }.contains("size is not a number"))
        #expect(
            one {
                $0.add("a.wav", size: "") {
                    $0.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0xFF, count: 11))
                }
            }.contains("size is not a number"))
        #expect(one { $0.add("a.wav", size: "-0000000001") }.contains("size is not a number"))
        #expect(
            one { $0.add("x", TarBytes.record("size", "99999999999999999999"), kind: "x") }.contains("not a number"))
        #expect(
            one {
                $0.add("x", TarBytes.record("size", "9223372036854775807"), kind: "x"); $0.add("b.wav", [1])
            }.contains("is longer than what follows"))
        #expect(one { $0.add("x", Array("9999 path=a\n".utf8), kind: "x") }.contains("a record has a wrong length"))
        #expect(one { $0.add("x", Array("7 patha\n".utf8), kind: "x") }.contains("a record"))
        #expect(one { $0.add("x", TarBytes.record("GNU.sparse.major", "1"), kind: "x") }.contains("sparse"))
        #expect(one { $0.add("a.wav", kind: "S") }.contains("a member is a sparse file"))
        #expect(one { $0.add("a.wav", kind: "M") }.contains("continuation"))
        #expect(one { $0.add("a.wav", kind: "Z") }.contains("of an unknown kind ('Z')"))
        #expect(
            one { $0.add("L", [UInt8](repeating: 0x61, count: 1 << 20 | 1), kind: "L") }.contains("at most 1048576"))
        #expect(one { $0.add("end.wav", [2]) } == "has two members 'end.wav'")
        #expect(one { $0.add("./end.wav", [2]) } == "has two members 'end.wav'")
    }

    @Test func aWrittenFileIsReadAgain() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (path, source) = ("\(folder.path)/films.tar", "\(folder.path)/source")
            let names = [
                "a.wav", String(repeating: "n", count: 100), String(repeating: "é", count: 300) + ".wav", "b/c.txt",
            ]
            let contents = [
                [], [UInt8](repeating: 3, count: 512), [UInt8](repeating: 4, count: 513), Array("text".utf8),
            ]
            try Data(repeating: 7, count: 3_000_000).write(to: URL(fileURLWithPath: source))
            let writer = try TarWriter(path)
            var length = 0
            for (name, bytes) in zip(names, contents) {
                try writer.add(name, bytes)
                length += TarWriter.length(name, bytes.count)
            }
            try writer.add("large.wav", copying: try #require(FileBytes(source)), source)
            length += TarWriter.length("large.wav", 3_000_000)
            #expect(writer.length == length + 1024)
            try writer.finish()
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(bytes.count == length + 1024)
            let found = try TarIndex(path).members
            #expect(found.map(\.name) == names + ["large.wav"])
            #expect(found.map { Array(bytes[$0.range]) } == contents + [[UInt8](repeating: 7, count: 3_000_000)])
        }
    }
}
