import Foundation
import Kit
import KitCore
import TestSupport
import Testing

/// Plugins that cannot work: each is refused, before any of its code runs, with a reason and what to do.
@Suite(.serialized) struct BadPluginTests {
    private let kit: InstalledKit
    /// The bytes of one that can.
    private let good: [UInt8]

    init() throws {
        kit = try InstalledKit.shared.get()
        good = [UInt8](try Data(contentsOf: try Self.library.get()))
    }

    private static let library = Result {
        try InstalledKit.shared.get().build("quiet", [("Quiet.swift", source(name: "quiet"))])
    }

    private static func source(name: String, entry: String = "registerPlugin(Quiet.self)", more: String = "") -> String
    {
        """
        import Kit
        \(entry.isEmpty ? "" : "@section(\"dubkit_plugins\") @used private let entry: PluginEntry = { \(entry) }")
        \(more)
        final class Quiet: Schedule {
            static let name = "\(name)"
            static let summary = "No learning at all."
            static let reference = "These tests."
            @Param("The factor.", in: 0...1, from: .ours) var level: Double = 0
            init() {}
            func factor(step: Int, of total: Int) -> Double { level }
        }
        """
    }

    /// Loads a plugin of these bytes, and expects that it is refused with these words.
    private func expectRefusal(
        _ bytes: [UInt8], _ words: [String], beside other: URL? = nil, status: Int32 = 78,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("bad.so")
            try Data(bytes).write(to: file)
            let loaded = (other.map { [$0.path] } ?? []) + [file.path]
            let outcome = try kit.run(["help", "schedule"] + loaded.flatMap { ["--plugin", $0] })
            #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
            for word in words + ["dubkit: plugin \(file.path)"] {
                #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
            }
        }
    }

    /// The good plugin with one line of its note changed, to another of the same length.
    private func noted(_ key: String, _ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        let start = try #require(good.firstRange(of: Array("\(key) = ".utf8))).upperBound
        let end = try #require(good[start...].firstIndex(of: UInt8(ascii: "\n")))
        var line = Array(good[start..<end])
        change(&line)
        return good[..<start] + line + good[end...]
    }

    @Test func theGoodOneWorks() throws {
        let outcome = try kit.run(["help", "quiet", "--plugin", try Self.library.get().path])
        #expect(outcome.status == 0 && outcome.output.contains("No learning at all."), "\(outcome.errors)")
    }

    @Test func anotherLayoutOfTypes() throws {
        let bad = try noted("modules") { $0[7] = $0[7] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0") }
        try expectRefusal(bad, ["another build of dubkit", "whose types have another layout", "dubkit plugin build"])
    }

    @Test func anotherCompiler() throws {
        let bad = try noted("compiler") { line in
            for place in line.indices where (48...57).contains(line[place]) { line[place] = 49 }
        }
        try expectRefusal(bad, ["was compiled by Swift version 1.1", "but this dubkit by", "dubkit plugin build"])
    }

    @Test func anOlderAndANewerKit() throws {
        let older = try noted("api") { line in for place in line.indices where line[place] != 46 { line[place] = 48 } }
        try expectRefusal(older, ["built for dubkit 0.0.0", "older than this dubkit", "dubkit plugin build"])
        let newer = try noted("api") { line in for place in line.indices where line[place] != 46 { line[place] = 57 } }
        try expectRefusal(newer, ["built for dubkit 9.9.9", "newer than this dubkit", "dubkit plugin build"])
    }

    @Test func anotherTarget() throws {
        let bad = try noted("target") { $0[0] = UInt8(ascii: "?") }
        try expectRefusal(bad, ["is for ?", "but this dubkit is for"])
    }

    /// A library that the toolchain's own C compiler and linker made for another processor.
    @Test func anotherProcessor() throws {
        #if arch(x86_64)
            let (target, processor) = ("aarch64-linux-gnu", "AArch64")
        #else
            let (target, processor) = ("x86_64-linux-gnu", "x86-64")
        #endif
        try Fixtures.withTemporaryFolder { folder in
            let source = folder.appendingPathComponent("foreign.c")
            let library = folder.appendingPathComponent("foreign.so")
            try Data("int answer(void) { return 42; }\n".utf8).write(to: source)
            let clang = Process()
            clang.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            clang.arguments =
                [
                    "clang", "--target=\(target)", "-nostdlib", "-shared", "-fuse-ld=lld", source.path, "-o",
                    library.path,
                ]
            try clang.run()
            clang.waitUntilExit()
            try #require(clang.terminationStatus == 0)
            try expectRefusal(
                [UInt8](try Data(contentsOf: library)),
                ["is for \(processor) (64 bits), but this dubkit", "build it on a machine of this kind"])
        }
    }

    @Test func anObjectFile() throws {
        var bad = good
        bad[16] = 1
        try expectRefusal(bad, ["is not a shared library"])
    }

    @Test func itsOwnCopyOfTheKit() throws {
        try expectRefusal(
            defining("$s7KitCore14registerPlugin"),
            ["its own copy of the kit", "KitCore.registerPlugin", "link neither"])
    }

    @Test func itsOwnCopyOfSwiftsLibraries() throws {
        try expectRefusal(defining("$sSd"), ["its own copy of Swift's libraries", "-static-stdlib", "libswiftCore"])
        // One that hides its copies does not ask for the library.
        var bad = good
        bad[try #require(good.firstRange(of: Array("libswiftCore.so\0".utf8))).lowerBound + 3] = UInt8(ascii: "S")
        try expectRefusal(bad, ["does not use the program's libswiftCore.so", "-static-stdlib", "dubkit plugin build"])
    }

    /// The good plugin with a symbol that it wants made into one that it has.
    private func defining(_ prefix: String) throws -> [UInt8] {
        let place = try #require(ELFSymbols(good).first { $0.name.hasPrefix(prefix) && good[$0.place + 6] == 0 }).place
        var bad = good
        bad[place + 6] = 1
        return bad
    }

    @Test func aMissingSymbol() throws {
        let symbol = try #require(ELFSymbols(good).first { $0.name.hasPrefix("$s7KitCore14registerPlugin") })
        var bad = good
        bad[symbol.namePlace + "$s7KitCore14registerPlugi".utf8.count] = UInt8(ascii: "m")
        try expectRefusal(bad, ["needs KitCore.registerPlugim", "dubkit plugin build"])
    }

    @Test func noWordOfWhatItWasBuiltAgainst() throws {
        let name = try #require(good.firstRange(of: Array("dubkit\0\0api".utf8)))
        var bad = good
        bad[name.lowerBound] = UInt8(ascii: "D")
        try expectRefusal(bad, ["does not say what it was built against", "dubkit plugin build"])
    }

    @Test func aTruncatedFile() throws {
        for count in stride(from: 4, to: good.count, by: good.count / 12) + [good.count - 1] {
            try expectRefusal(Array(good[..<count]), ["is truncated", "copy it again"])
        }
    }

    @Test func noDamageIsTooMuch() throws {
        let host = try PluginInterface(
            String(contentsOf: kit.root.appendingPathComponent("lib/dubkit/interface"), encoding: .utf8))
        let table = good[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        // The header and the segments, the sections, and anything.
        let places = [0..<600, table..<good.count, 0..<good.count]
        var random = RandomStream(seed: 1)
        var refused = 0
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let file = folder.appendingPathComponent("bad.so")
            for _ in 0..<1500 {
                var bad = good
                for _ in 0...random.index(below: 6) {
                    let range = places[random.index(below: places.count)]
                    let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(random.index(below: 256))]
                    bad[range.lowerBound + random.index(below: range.count)] = values[random.index(below: values.count)]
                }
                try Data(bad).write(to: file)
                do {
                    try PluginGate(path: file.path, host: host).check()
                } catch let error as KitError {
                    refused += 1
                    #expect(error.message.hasPrefix("plugin \(file.path) "))
                }
            }
        }
        #expect(refused > 500)
    }

    @Test func noELFFile() throws {
        for text in ["", "\u{7F}", "#!/bin/sh\necho boo\n", String(repeating: "x", count: 5000)] {
            try expectRefusal(Array(text.utf8), ["not an ELF file", "dubkit plugin build"])
        }
        let absent = try kit.run(["help", "--plugin", "no/such.so"])
        #expect(absent.status == 66 && absent.errors.contains("no/such.so"), "\(absent.errors)")
    }

    @Test func aNameThatIsTaken() throws {
        let library = try Self.library.get()
        try expectRefusal(
            good, ["kit.schedule.quiet exists already", library.path, "another name"], beside: library)
        let cosine = try kit.build("cosine_again", [("Quiet.swift", Self.source(name: "cosine"))])
        let outcome = try kit.run(["help", "schedule"], environment: ["DUBKIT_PLUGIN_PATH": cosine.path])
        #expect(outcome.status == 78)
        #expect(
            outcome.errors.contains("kit.schedule.cosine exists already, one of the kit's own: "),
            "\(outcome.errors)")
    }

    @Test func oneThatCannotWorkHere() throws {
        let more = "struct NoDevice: Error, CustomStringConvertible { let description = \"there is no such device\" }"
        for (entry, words) in [
            ("registerPlugin(Quiet.self, after: { throw NoDevice() })", "cannot work here: there is no such device"),
            ("registerPlugin(Quiet.self, after: { throw KitError(.configuration, \"no licence\") })", ": no licence"),
            ("", "registers nothing: add @section"),
        ] {
            let library = try kit.build(
                "unable", [("Quiet.swift", Self.source(name: "unable", entry: entry, more: more))])
            try expectRefusal([UInt8](Data(contentsOf: library)), [words])
        }
    }

    @Test func oneWhoseInitialisationThrows() throws {
        let more = """
            struct NoDevice: Error, CustomStringConvertible { let description = "there is no such device" }
            extension Quiet { func METHOD { throw NoDevice() } }
            """
        for method in ["validate() throws", "construct() throws -> Any"] {
            let library = try kit.build(
                "throwing",
                [("Quiet.swift", Self.source(name: "throwing", more: more.replacing("METHOD", with: method)))])
            let outcome = try kit.run(script: "\nkit.schedule.throwing {}", with: ["--plugin", library.path])
            #expect(outcome.status == 70)
            #expect(
                outcome.errors.hasSuffix("script.lua:3: kit.schedule.throwing: there is no such device\n"),
                "\(outcome.errors)")
        }
    }

    @Test func theListShowsGoodOnesAndWhyOthersAreRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data(good).write(to: folder.appendingPathComponent("a.so"))
            try Data("no".utf8).write(to: folder.appendingPathComponent("b.so"))
            let outcome = try kit.run(["plugin", "list", "--plugin", folder.path])
            #expect(outcome.status == 78)
            #expect(outcome.output.contains("kit.schedule.quiet"), "\(outcome.output)")
            #expect(outcome.errors.contains("b.so is not a library"), "\(outcome.errors)")
        }
    }

    @Test func aProgramWithoutItsModulesSaysSo() throws {
        try Fixtures.withTemporaryFolder { folder in
            let program = folder.appendingPathComponent("bin/dubkit")
            let lib = folder.appendingPathComponent("lib")
            for place in [program.deletingLastPathComponent(), lib] {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            }
            try FileManager.default.copyItem(at: kit.program, to: program)
            let arguments = ["help", "schedule", "--plugin", try Self.library.get().path]
            let without = try Command.run(arguments, program: program)
            #expect(without.status == 78 && without.errors.contains("make install PREFIX="), "\(without.errors)")
            try FileManager.default.copyItem(
                at: kit.root.appendingPathComponent("lib/dubkit"), to: lib.appendingPathComponent("dubkit"))
            #expect(try Command.run(arguments, program: program).status == 0)
            let file = lib.appendingPathComponent("dubkit/interface")
            let text = try String(contentsOf: file, encoding: .utf8).replacing("program = ", with: "program = 0")
            try Data(text.utf8).write(to: file)
            let other = try Command.run(arguments, program: program)
            #expect(other.status == 78 && other.errors.contains("belongs to another build"), "\(other.errors)")
        }
    }
}
