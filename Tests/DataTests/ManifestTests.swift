import Foundation
import Kit
import KitData
import TestSupport
import Testing

@Suite struct ManifestTests {
    private func read(_ text: String, as name: String = "films.jsonl", dataRoot: String? = nil) throws -> [ClipSource] {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name)
            try text.write(to: file, atomically: true, encoding: .utf8)
            do {
                return try Manifest.read(file.path, dataRoot: dataRoot).map { source in
                    var source = source
                    source.path = source.path?.replacingOccurrences(of: folder.standardizedFileURL.path, with: "@")
                    for index in source.tracks.indices {
                        source.tracks[index].path = source.tracks[index].path?
                            .replacingOccurrences(of: folder.standardizedFileURL.path, with: "@")
                    }
                    return source
                }
            } catch let error as KitError {
                throw KitError(error.kind, error.message.replacingOccurrences(of: folder.path + "/", with: ""))
            }
        }
    }

    @Test func everyKeyOfALineIsRead() throws {
        let sources = try read(
            """
            {"id": "m-1", "film": "market", "path": "a/market.mkv", "start": 3, "duration": 30.5, "split": "held_out", \
            "tracks": [{"lang": "eng"}, {"lang": "es", "path": "{data_root}/m.flac"}, {"lang": "fre", "stream": 3}], \
            "original": "en", "labels": {"scene": "street", "loud": true, "events": [1.5, "dog"]}}

            {"path": "/films/plain.mp4"}
            """, dataRoot: "/data")
        #expect(sources.count == 2)
        let first = sources[0]
        #expect(first.id == "m-1" && first.film == "market" && first.path == "@/a/market.mkv")
        #expect(first.start == 3 && first.duration == 30.5 && first.split == .heldOut)
        #expect(
            first.tracks == [
                SourceTrack(language: Language(tag: "en")),
                SourceTrack(language: Language(tag: "es"), path: "/data/m.flac"),
                SourceTrack(language: Language(tag: "fr"), stream: 3),
            ])
        #expect(first.original == Language(tag: "en") && !first.hasOwnTracks)
        guard case .table(let labels) = first.labels, case .list(let events) = labels.named[0].value,
            case .number(1.5) = events[0], case .string("dog") = events[1], case .bool(true) = labels.named[1].value
        else {
            Issue.record("labels were read as \(first.labels)")
            return
        }
        #expect(sources[1].id == "plain" && sources[1].path == "/films/plain.mp4" && sources[1].hasOwnTracks)
    }

    @Test(arguments: ["films.jsonl", "films.csv"]) func theFormerKeyOfAFilmIsRead(name: String) throws {
        let text = name.hasSuffix("csv") ? "path,movie\na.mp4,market\n" : #"{"path": "a.mp4", "movie": "market"}"#
        #expect(try read(text, as: name).map(\.film) == ["market"])
    }

    @Test(arguments: [
        (#"{"path": "a.mp4", "strat": 3}"#, "unknown key 'strat': did you mean 'start'?"),
        (
            #"{"path": "a.mp4", "film": "a", "movie": "b"}"#,
            "key 'film' is given twice: 'movie' is its former name"
        ),
        (#"{"path": "a.mp4", "start": "3"}"#, #"key 'start' must be a number, but is string "3""#),
        (#"{"path": "a.mp4", "start": -1}"#, "key 'start' must be seconds from 0 up, but is -1.0"),
        (#"{"path": "a.mp4", "start": 1e18}"#, "key 'start' must be at most 1000000000.0 seconds, but is 1e+18"),
        (
            #"{"path": "a.mp4", "duration": 1e308}"#,
            "key 'duration' must be at most 1000000000.0 seconds, but is 1e+308"
        ),
        (#"{"path": "a.mp4", "duration": 0}"#, "key 'duration' must be above 0"),
        (
            #"{"path": "a.mp4", "split": "heldout"}"#,
            #"key 'split' must be one of train, held_out, but is "heldout": did you mean 'held_out'?"#
        ),
        (
            #"{"path": "a.mp4", "tracks": [{"lang": "en"}, {"lng": "es"}]}"#,
            "track 2: unknown key 'lng': did you mean 'lang'?"
        ),
        (#"{"path": "a.mp4", "tracks": [{"lang": "jp"}]}"#, "track 1: key 'lang': 'jp' is not a language code"),
        (
            #"{"path": "a.mp4", "tracks": [{"lang": "en"}, {"lang": "eng", "stream": 2}]}"#,
            "track 2: key 'lang': track 1 is in en too"
        ),
        (#"{"path": "a.mp4", "tracks": [{"stream": 1}]}"#, "track 1: key 'lang' is required"),
        (#"{"tracks": [{"lang": "en"}]}"#, "track 1: needs a 'path', since the source has none"),
        (#"{"id": "x"}"#, "neither 'path' nor 'tracks' names a file"),
        (#"{"path": "{data_root}/a.mp4"}"#, "key 'path' has {data_root}, but no data root is set"),
        (#"{"path": "a.mp4", "start": 0x3}"#, "not valid JSON at column "),
        (#"{"path": "a.mp4", "p\u0061th": "b.mp4"}"#, "key 'path' comes twice"),
        (#"{"path": "a.mp4", "labels": {"x": [{"y": 1, "y": 1}]}}"#, "key 'y' comes twice"),
        (#"{"path": "a.mp4", "labels": 3}"#, "key 'labels' must be an object, but is integer 3"),
        (#"["a.mp4"]"#, "expected an object with the keys id, film"),
        (#"{"path": "a.mp4""#, "not valid JSON at column 17: unexpected end of file"),
        (#"{"path": "a.mp4", "start": ü}"#, "not valid JSON at column 28: invalid value"),
        (#"{"path": "a.mp4", "path": "b.mp4"}"#, "not valid JSON at column 26: key 'path' comes twice"),
        ("{\"path\": \"a.mp4\"}\u{0}", "not valid JSON: it has a NUL character"),
    ])
    func faultsNameTheLineAndTheKey(line: String, message: String) throws {
        #expect {
            try read(#"{"path": "fine.mp4"}"# + "\n" + line)
        } throws: { error in
            let text = "\(error)"
            let isRight =
                text.hasPrefix("films.jsonl:2: ") && text.contains(message) && (error as? KitError)?.kind == .badData
            if !isRight { Issue.record("the message is: \(text)") }
            return isRight
        }
    }

    @Test func theGuidesExamplesAreManifests() throws {
        let guide = try String(
            contentsOf: Fixtures.repository.appendingPathComponent("docs/guide/data.md"), encoding: .utf8)
        for (kind, count) in [("jsonl", 4), ("csv", 1)] {
            let block = try #require(guide.components(separatedBy: "```\(kind)\n").dropFirst().first)
            let sources = try read(
                block.components(separatedBy: "```")[0], as: "films.\(kind)", dataRoot: "/data")
            #expect(sources.count == count && sources.last?.tracks.count == 3)
        }
        for key in Manifest.keys { #expect(guide.contains("`\(key)`"), "the guide does not tell of '\(key)'") }
    }

    @Test func namesThatComeTwiceAreRefused() {
        #expect(throws: KitError(.badData, "films.jsonl:3: id 'a' is already that of films.jsonl:1")) {
            try read(#"{"id": "a", "path": "a.mp4"}"# + "\n\n" + #"{"path": "b/a.mkv"}"#)
        }
    }

    @Test func tablesAreRead() throws {
        let sources = try read(
            "id,film,path,start,duration,track.en,track.es,track.fr,label.scene,label.year\r\n"
                + "a,market,\"m, 1.mkv\",1.5,20,yes,#2,m.flac,\"a \"\"quoted\"\" place\",1999\r\n"
                + "b,,b.mp4,,,,,,,\r\n", as: "films.csv")
        #expect(sources.map(\.id) == ["a", "b"])
        #expect(sources[0].path == "@/m, 1.mkv" && sources[0].start == 1.5 && sources[0].duration == 20)
        #expect(
            sources[0].tracks == [
                SourceTrack(language: Language(tag: "en")), SourceTrack(language: Language(tag: "es"), stream: 2),
                SourceTrack(language: Language(tag: "fr"), path: "@/m.flac"),
            ])
        guard case .table(let labels) = sources[0].labels, case .string("a \"quoted\" place") = labels.named[0].value,
            case .int(1999) = labels.named[1].value
        else {
            Issue.record("labels were read as \(sources[0].labels)")
            return
        }
        #expect(sources[1].tracks.isEmpty && sources[1].hasOwnTracks)
    }

    /// An accent that begins a field makes one character with the comma, quote or line before it.
    @Test func fieldsMayBeginWithACombiningAccent() throws {
        let accent = "\u{301}"
        let sources = try read(
            "id,path,label.\(accent)name,label.b\r\n\(accent)a,a.mp4,\"\(accent)x,\",nan\r\nb,\(accent)b.mp4,\(accent),\(accent)\r\n",
            as: "films.csv")
        #expect(sources.map(\.id) == ["\(accent)a", "b"] && sources[1].path == "@/\(accent)b.mp4")
        let labels = sources.map { source -> [String] in
            guard case .table(let labels) = source.labels else { return [] }
            return labels.named.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.optionText)" }
        }
        #expect(
            labels == [
                ["b=\"nan\"", "\(accent)name=\"\(accent)x,\""], ["b=\"\(accent)\"", "\(accent)name=\"\(accent)\""],
            ])
    }

    @Test func theMarkThatSomeProgramsPutBeforeATextIsNoPartOfIt() throws {
        #expect(try read("\u{FEFF}path\r\na.mp4\r\n", as: "films.csv").map(\.id) == ["a"])
        #expect(try read("\u{FEFF}{\"path\": \"a.mp4\"}\r\n").map(\.id) == ["a"])
    }

    @Test(arguments: [
        ("id,pth\na,b.mp4\n", "films.csv:1: unknown column 'pth': did you mean 'path'?"),
        ("path,label\nb.mp4,x\n", "films.csv:1: unknown column 'label': did you mean 'label.<name>'?"),
        ("path,tracks.en\nb.mp4,x\n", "films.csv:1: unknown column 'tracks.en': did you mean 'track.<lang>'?"),
        ("id,path\na,b.mp4,c\n", "films.csv:2: expected 2 fields as in the first line, but has 3"),
        ("id,path\n\na,\"b.mp4\n", "films.csv:3: a quoted field is not closed"),
        ("id,path,duration\na,b.mp4,long\n", #"films.csv:2: key 'duration' must be a number, but is string "long""#),
        ("id,path,start\na,b.mp4,0x3\n", #"films.csv:2: key 'start' must be a number, but is string "0x3""#),
        ("path,path\na,b\n", "films.csv:1: column 'path' comes twice"),
        ("path,track.en\na.mp4,#x\n", "films.csv:2: column 'track.en' must be #<stream>, a file or yes"),
        ("", "films.csv: lists no films"),
    ])
    func faultsInTablesNameTheLineAndTheColumn(text: String, message: String) {
        #expect {
            try read(text, as: "films.csv")
        } throws: { error in
            if !"\(error)".hasPrefix(message) { Issue.record("the message is: \(error)") }
            return "\(error)".hasPrefix(message)
        }
    }

    @Test func foldersGiveFilmsWithTheirDubs() throws {
        try Fixtures.withTemporaryFolder { folder in
            let files = [
                "b/market.mkv", "b/market.es.flac", "b/market.fra.wav", "b/notes.txt", "harbour.mp4", "harbour.avi",
                "radio.en.ogg", "radio.ja.ogg", "rain.wav", "take.mix.wav", ".hidden.mp4",
            ]
            for file in files {
                let url = folder.appendingPathComponent(file)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data().write(to: url)
            }
            let sources = try Manifest.read(folder.path)
            #expect(sources.map(\.id) == ["b/market", "harbour.avi", "harbour.mp4", "radio", "rain", "take.mix"])
            #expect(sources[0].tracks.map { "\($0.language)" } == ["es", "fr"] && sources[0].hasOwnTracks)
            #expect(sources[3].path == nil && sources[3].tracks.map { "\($0.language)" } == ["en", "ja"])
            try #"{"path": "harbour.mp4"}"#.write(
                to: folder.appendingPathComponent("manifest.jsonl"), atomically: true, encoding: .utf8)
            #expect(try Manifest.read(folder.path).map(\.id) == ["harbour"])
        }
    }

    @Test func whatIsNoManifestIsSaidSo() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect { try Manifest.read(folder.path) } throws: { ($0 as? KitError)?.kind == .noInput }
            #expect { try Manifest.read(folder.path + "/none") } throws: { "\($0)".hasSuffix("no such file or folder") }
            let file = folder.appendingPathComponent("films.jsno")
            try Data().write(to: file)
            #expect { try Manifest.read(file.path) } throws: { "\($0)".contains("neither a manifest") }
        }
    }

    /// By their bytes: Swift's own order of texts is none where composed and decomposed letters meet.
    @Test func keysOfAnObjectHaveOneOrder() throws {
        for letter in ["é", "è", "ê", "ë", "ü", "ö", "ä", "ñ", "ç", "å", "í", "ó"] {
            let (composed, decomposed) = ("\(letter).", letter.decomposedStringWithCanonicalMapping)
            guard case .table(let options) = try JSONOption.parse("{\"\(composed)\": 1, \"\(decomposed)\": 2}") else {
                Issue.record("\(letter) is no object")
                return
            }
            let numbers = options.named.map { pair in if case .int(let number) = pair.value { number } else { 0 } }
            #expect(numbers == [2, 1], "\(letter)")
        }
    }
}
