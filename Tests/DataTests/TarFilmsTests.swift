import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Films and sounds in tar files: the kit's own, and those of others.
@Suite struct TarFilmsTests {
    private func dataset(_ path: String, _ options: [(String, OptionValue)] = []) throws -> FilmDataset {
        let defaults: [(String, OptionValue)] = [
            ("path", .string(path)), ("seconds", .int(1)), ("frames", .int(2)), ("size", .int(16)),
            ("split", .string("all")),
        ]
        let named = defaults.filter { given in !options.contains { $0.0 == given.0 } } + options
        let plugin = try PluginRegistry.shared.make(
            kind: "dataset", name: "films", options: Options(named: named.map { (key: $0.0, value: $0.1) }))
        return try #require(try plugin.construct() as? FilmDataset)
    }

    private func write(_ members: [(name: String, text: String)], _ path: String) throws {
        try Data(TarBytes.file(members)).write(to: URL(fileURLWithPath: path))
    }

    private func sound(_ folder: URL) throws -> [UInt8] {
        let path = "\(folder.path)/sound.wav"
        try SoundFiles.write(path, seconds: 0.5)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// What a source is, without where.
    private func facts(_ source: ClipSource) -> String {
        let labels =
            (try? JSONText.compact(JSONOption(source.labels))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let tracks = source.tracks.map {
            "\($0.language)\($0.path == nil ? "" : "+")\($0.stream.map { "#\($0)" } ?? "")"
        }
        return
            "\(source.id) of \(source.film) \(source.start) \(source.duration ?? -1) \(tracks) \(source.hasOwnTracks) "
            + "\(source.original?.description ?? "") \(source.split?.rawValue ?? "") \(labels)"
    }

    /// Every container that the kit writes, a dub next to a film and sounds of two languages: the same sources, and the same
    /// clips to the last bit, as from the folder.
    @Test func packedFilmsAreTheSame() throws {
        try Fixtures.withTemporaryFolder { folder in
            let films = "\(folder.path)/films"
            try FileManager.default.createDirectory(atPath: "\(films)/b.c", withIntermediateDirectories: true)
            for ending in ["mkv", "mp4", "mov", "avi", "ts"] {
                try FilmFiles.write("\(films)/in.\(ending)", seconds: 3, languages: ["eng"])
            }
            try FilmFiles.write("\(films)/b.c/mar ket.mkv", seconds: 3, languages: ["eng", "spa"])
            try FilmFiles.write("\(films)/b.c/mar ket.fr-CA.flac", seconds: 3, languages: ["und"], hasVideo: false)
            var tone = Waveform(channels: 2, count: 96_000, sampleRate: 48_000)
            for index in tone.values.indices {
                tone.values[index] = Float(0.3 * sin(0.05 * Double(index % tone.count)))
            }
            for ending in ["ogg", "mp3", "flac", "m4a", "wav"] { try tone.write("\(films)/radio-\(ending).\(ending)") }
            try SoundFiles.write("\(films)/b.c/mar ket.es.srt", text: "1\n00:00:00,000 --> 00:00:01,000\nhola\n")
            var packing = TarPacking(try Manifest.list(films))
            packing.mostSamples = 5
            let out = "\(folder.path)/packed"
            let result = try packing.write(to: out)
            #expect(result.tars == ["films-000000.tar", "films-000001.tar", "films-000002.tar"])
            #expect(result.samples == 11 && result.sources == 11)
            let (loose, packed) = (try Manifest.read(films), try Manifest.read(out))
            #expect(packed.map(facts) == loose.map(facts))
            #expect(packed.allSatisfy { $0.mainPath.contains(".tar/") })
            let braces = try Manifest.read("\(out)/films-{000000..000002}.tar")
            #expect(braces.map(\.mainPath) == packed.map(\.mainPath))
            for options in [
                [("audio", OptionValue.bool(false)), ("unusable", .string("skip"))],
                [("video", .bool(false)), ("tracks", .list([.string("und")])), ("unusable", .string("skip"))],
            ] {
                let (one, other) = (try dataset(films, options), try dataset(out, options))
                #expect(one.clips.map(\.id) == other.clips.map(\.id) && one.clips.count >= 9)
                #expect(one.fingerprint == other.fingerprint)
                for clip in one.clips.indices {
                    #expect(try one.clip(clip).bits == other.clip(clip).bits, "\(one.clips[clip].id)")
                }
            }
            let (check, plain) = (try DataCheck(out, seconds: 1), try DataCheck(films, seconds: 1))
            #expect(check.entries.map(\.judgement) == plain.entries.map(\.judgement))
            #expect(check.entries.map(\.findings.count) == plain.entries.map(\.findings.count))
            let market = try #require(packed.first { $0.id == "b.c/mar ket" })
            #expect(try FilmSubtitles(MediaFile(market.path!)).entries(Language("es")).map(\.text) == ["hola"])
            // A member by itself, and packing what is packed.
            #expect(try Manifest.read(market.path!).map(\.tracks.count) == [1])
            #expect(
                try TarPacking(Manifest.list(out)).write(to: "\(folder.path)/again").bytes == result.bytes - 2 * 1024)
        }
    }

    @Test func everyKeyOfAManifestIsKept() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a", "b"] {
                try FilmFiles.write("\(folder.path)/\(name).mkv", seconds: 2, languages: ["eng", "spa"])
            }
            try FilmFiles.write("\(folder.path)/dub.flac", seconds: 2, languages: ["und"], hasVideo: false)
            let manifest = "\(folder.path)/list.jsonl"
            try SoundFiles.write(
                manifest,
                text: """
                    {"id": "one.1", "film": "f", "path": "a.mkv", "start": 0.1, "duration": 1, "split": "held_out", "labels": {"n": 1.5}}
                    {"id": "one_1", "film": "f", "path": "a.mkv", "start": 1.2, "split": "held_out", "labels": {"n": [1, null, "x"]}}
                    {"path": "b.mkv", "original": "es", "tracks": [{"lang": "es", "stream": 2}, {"lang": "fr", "path": "dub.flac"}]}
                    {"id": "../up", "tracks": [{"lang": "ja", "path": "dub.flac"}], "labels": {"dubkit": 3, "text": "so"}}
                    """)
            let packing = TarPacking(try Manifest.list(manifest))
            let result = try packing.write(to: "\(folder.path)/out")
            #expect(result.samples == 3 && result.sources == 4)
            let (loose, packed) = (try Manifest.read(manifest), try Manifest.read("\(folder.path)/out"))
            #expect(packed.map(facts) == loose.map(facts))
            #expect {
                try packing.write(to: "\(folder.path)/out")
            } throws: { "\($0)".contains("the folder is not empty") }
            try FileManager.default.removeItem(atPath: "\(folder.path)/dub.flac")
            #expect {
                try packing.write(to: "\(folder.path)/other")
            } throws: { "\($0)".contains("2 of 4 files are missing, such as") }
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/other"))
        }
    }

    @Test func samplesOfOthersAreRead() throws {
        try Fixtures.withTemporaryFolder { folder in
            let wav = try sound(folder)
            var tar = TarBytes()
            tar.add("d/000.cls", Array("3\n".utf8))
            tar.add("d/000.WAV", wav)
            tar.add("d/000.txt", Array(" a text \n".utf8))
            tar.add("d/000.json", Array(#"{"text": "other", "tag": ["x"], "id": 5}"#.utf8))
            tar.add("d/000.meta.json", Array("[1]".utf8))
            tar.add("d/000.caption.txt", Array("c".utf8))
            tar.add("d/000.npy", [1])
            tar.add("d/001.wav", wav)
            tar.add("d/001.json", Array("7".utf8))
            tar.add("d/002.npy", [1])
            tar.add("d/.hidden.wav", [1])
            tar.add("__meta__/x.wav", [1])
            tar.add("readme", [1])
            tar.add("../out.wav", [1])
            tar.add("link.wav", kind: "2")
            for name in ["a", "b"] {
                try Data(tar.ended()).write(to: URL(fileURLWithPath: "\(folder.path)/\(name).tar"))
            }
            let one = try Manifest.list("\(folder.path)/a.tar")
            #expect(
                one.sources.map(facts) == [
                    #"d/000 of d/000 0.0 -1.0 [] true   {"caption.txt":"c","cls":3,"id":5,"meta.json":[1],"tag":["x"],"text":"a text"}"#,
                    #"d/001 of d/001 0.0 -1.0 [] true   {"json":7}"#,
                ])
            #expect(
                SkippedFile.lines(one.skipped) == [
                    "a.tar/__meta__/x.wav, a.tar/d/.hidden.wav, a.tar/readme: hidden",
                    "a.tar/link.wav: a link or device in a tar file",
                    "a.tar/../out.wav: a name in a tar file that leads out of it",
                    "a.tar/d/002: a sample without a film or sound",
                    "a.tar/*.npy: neither film, sound, label nor text",
                ])
            // Keys that come again in another file are told apart by its name.
            #expect(try Manifest.read(folder.path).map(\.id) == ["a/d/000", "a/d/001", "b/d/000", "b/d/001"])
            let labelled = try PluginRegistry.shared.make(
                kind: "dataset", name: "transcripts",
                options: Options(named: [("path", .string("\(folder.path)/a.tar")), ("missing", .string("skip"))]))
            let texts = try #require(try labelled.construct() as? OptionValue)
            #expect("\(texts)".contains("a text") && !"\(texts)".contains("other"))
        }
    }

    @Test func wrongSamplesAreRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/x.tar"
            func refusal(_ members: [(name: String, text: String)]) throws -> String {
                try write(members, path)
                do {
                    return try "read: \(Manifest.read(path).map(facts))"
                } catch { return "\(error)".replacingOccurrences(of: path, with: "x.tar") }
            }
            let record = { (text: String) in [("a.wav", "s"), ("a.json", #"{"dubkit": "# + text + "}")] }
            for (members, expected) in [
                (
                    [("a.wav", "1"), ("b.wav", "2"), ("a.txt", "t")],
                    "x.tar: the members of the sample 'a' do not follow each other"
                ),
                ([("a.wav", "1"), ("a.WAV", "2")], "x.tar: has two members '.wav' of one sample: 'a.wav' and 'a.WAV'"),
                ([("a.wav", "1"), ("a.mp3", "2")], "x.tar: the sample 'a' has several films or sounds: a.wav, a.mp3"),
                (
                    [("a.wav", "1"), ("a.cls", "dog")],
                    "x.tar: 'a.cls': expected the whole number of a class, found \"dog\""
                ),
                ([("a.wav", "1"), ("a.json", "{")], "x.tar: 'a.json': not valid JSON"),
                (
                    [("a.txt", "1")],
                    "x.tar: no films or sounds in 1 tar file; skipped: x.tar/a: a sample without a film"
                ),
                (record(#"{"path": "a.wav", "x": 1}"#), "x.tar: unknown key 'x'"),
                (
                    record(#"{"path": "b.wav"}"#),
                    "x.tar: the record of 'x.tar/a' names 'x.tar/b.wav', which is not a member"
                ),
                (record(#"{"path": "../x.tar.d/a.wav"}"#), "x.tar: the record of 'x.tar/a' names"),
                (
                    record(#"{"path": "/etc/passwd"}"#),
                    "x.tar: the record of 'x.tar/a' names '/etc/passwd', which is not a member"
                ),
                (record(#"{"path": "{data_root}/a.wav"}"#), "x.tar: key 'path' has {data_root}"),
                (record("[]"), "x.tar: no films or sounds in 1 tar file"),
            ] {
                let given = try refusal(members)
                #expect(given.hasPrefix(expected), "\(given)")
            }
            #expect { try MediaFile("\(path)/c.wav") } throws: {
                "\($0)".hasSuffix("x.tar: has no member 'c.wav': did you mean 'a.wav'?")
            }
            for (given, expected) in [
                ("{0..3}.tar", "{0..3}.tar: 4 of 4 tar files are missing, such as 0.tar, 1.tar, 2.tar"),
                ("{a,b}.wav", "braces are for tar files (.tar), but one is 'a.wav'"),
                ("{0..3.tar", "a brace is not closed"),
                ("{a}.tar", "expected {000..009} or {a,b} in braces, found {a}"),
                ("{0..9999999}.tar", "more than 1000000 paths"),
                ("{0..999999}{0,1}.tar", "more than 1000000 paths"), ("{{a,b},c}.tar", "braces within braces"),
            ] {
                #expect { try Manifest.read(given) } throws: { "\($0)".contains(expected) }
            }
        }
    }

    @Test func bracesStandForPaths() throws {
        #expect(try BraceNotation.expand("a") == ["a"])
        #expect(
            try BraceNotation.expand("{08..11}x{a,,b}") == [
                "08xa", "08x", "08xb", "09xa", "09x", "09xb", "10xa", "10x", "10xb", "11xa", "11x", "11xb",
            ])
        #expect(try BraceNotation.expand("s-{2..0}") == ["s-2", "s-1", "s-0"])
        #expect(try BraceNotation.expand("{9..10}") == ["9", "10"])
    }

    /// A labelled dataset from samples with classes.
    @Test func classesCanBeProbed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let wav = try sound(folder)
            var tar = TarBytes()
            for number in 0..<8 {
                tar.add("\(number).wav", wav)
                tar.add("\(number).cls", Array("\(number % 2)".utf8))
            }
            let path = "\(folder.path)/a.tar"
            try Data(tar.ended()).write(to: URL(fileURLWithPath: path))
            let plugin = try PluginRegistry.shared.make(
                kind: "dataset", name: "manifest",
                options: Options(named: [("path", .string(path)), ("label", .string("cls")), ("folds", .int(2))]))
            let labelled = try #require(try plugin.construct() as? LabelledDataset)
            #expect(labelled.labels.classes == ["0", "1"] && labelled.items.count == 8 && labelled.folds.count == 2)
        }
    }
}
