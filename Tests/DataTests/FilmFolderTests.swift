import Foundation
import Kit
import TestSupport
import Testing

/// Which files of a folder are films, and what is said of those that are not.
@Suite struct FilmFolderTests {
    /// Runs `body` with a folder of these files; each contains its own name.
    private func tree(_ files: [String], _ body: (URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for file in files { try SoundFiles.write("\(folder.path)/\(file)", text: file) }
            try body(folder)
        }
    }

    private func link(_ name: String, to target: String, in folder: URL) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: target)
    }

    private func ids(_ list: FilmList) -> [String] { list.sources.map(\.id) }

    @Test func everyEndingOfAContainerThatOpensCounts() throws {
        let endings = Container.allEndings.sorted()
        for wanted in ["3gp", "3g2", "flv", "m2ts", "mts", "ogv", "vob", "wmv", "m4b", "aif", "caf", "w64", "wma"] {
            #expect(endings.contains(wanted))
        }
        try tree(endings.enumerated().map { "\($0)." + ($0 % 2 == 0 ? $1 : $1.uppercased()) }) { folder in
            let found = try FilmFolder.list(folder.path).sources
            #expect(found.count == endings.count)
        }
    }

    @Test func skippedFilesAreNamedWithTheReason() throws {
        let files = [
            "market.mp4", ".trash/old.mp4", "sub/.ipynb_checkpoints/market.mp4", "._market.mp4", ".notes", "notes.txt",
            "voice.ac3", "tape.MXF",
        ]
        try tree(files) { folder in
            try link("gone.mkv", to: "nothing.mkv", in: folder)
            try link("self", to: "self", in: folder)
            #expect(mkfifo("\(folder.path)/pipe.mp4", 0o600) == 0)
            // What is a name in Latin-1: Foundation cannot write it.
            for name in ["caf\u{E9}.mkv", "d\u{E9}j\u{E0}", "no\u{E9}l.txt"] {
                let bytes =
                    "\(folder.path)/".utf8.map { CChar(bitPattern: $0) }
                    + name.unicodeScalars.map { CChar(bitPattern: UInt8($0.value)) } + [0]
                if name == "d\u{E9}j\u{E0}" {
                    #expect(mkdir(bytes, 0o700) == 0)
                } else {
                    close(open(bytes, O_CREAT | O_WRONLY, 0o600))
                }
            }
            let list = try Manifest.list(folder.path)
            #expect(ids(list) == ["market"])
            #expect(
                SkippedFile.lines(list.skipped) == [
                    "._market.mp4, .trash, sub/.ipynb_checkpoints: hidden", "gone.mkv, self: a link to nothing",
                    #"caf\xE9.mkv, d\xE9j\xE0: the name is not UTF-8"#, "pipe.mp4: neither a file nor a folder",
                    "tape.MXF, voice.ac3: a kind of film or sound that the kit does not open",
                ])
            try FileManager.default.removeItem(atPath: "\(folder.path)/market.mp4")
            #expect { try Manifest.list(folder.path) } throws: { error in
                "\(error)".contains("no films in this folder (looked for .3g2,")
                    && "\(error)".contains("; skipped: ._market.mp4, .trash, sub/.ipynb_checkpoints: hidden")
            }
        }
    }

    @Test func theMessageSaysWhatToDoWithForeignData() throws {
        try Fixtures.withTemporaryFolder { folder in
            func refusal(_ path: String) -> String {
                do {
                    _ = try Manifest.list(path)
                    return "read"
                } catch { return "\(error)" }
            }
            for (name, advice) in [
                ("saved/train/data-00000-of-00001.arrow", "scripts/data/huggingface_to_tar.py"),
                ("shipped/data/train-00000-of-00001.parquet", "scripts/data/huggingface_to_tar.py"),
                ("packed/films-000000.tar.gz", "films-000000.tar"), ("other/films.txz", ": first run: unxz < "),
            ] {
                let path = "\(folder.path)/\(name)"
                try SoundFiles.write(path, text: "bytes")
                let top = "\(folder.path)/\(name.prefix { $0 != "/" })"
                #expect(refusal(top).hasPrefix("\(top): no films in this folder: ") && refusal(top).contains(advice))
                if !name.hasPrefix("packed"), !name.hasPrefix("other") {
                    #expect(refusal(path).hasPrefix("\(path): Parquet and Arrow files"), "\(refusal(path))")
                    #expect(refusal(path).contains(advice))
                }
            }
            // Next to tar files that are read, compressed ones are named.
            var tar = TarBytes()
            tar.add("a.wav", Array(try Data(contentsOf: sound(in: folder))))
            try Data(tar.ended()).write(to: folder.appendingPathComponent("packed/films-000001.tar"))
            let list = try Manifest.list("\(folder.path)/packed")
            #expect(ids(list) == ["a"])
            #expect(list.skipped == [SkippedFile(.compressed, "films-000000.tar.gz")])
        }
    }

    private func sound(in folder: URL) throws -> URL {
        let path = "\(folder.path)/sound.wav"
        try SoundFiles.write(path, seconds: 1)
        return URL(fileURLWithPath: path)
    }

    @Test func longListsAreCounted() {
        let many = (0..<9).map { SkippedFile(.hidden, ".\($0)") }
        #expect(SkippedFile.lines(many) == [".0, .1, .2 and 6 more: hidden"])
    }

    @Test func linkedFoldersAreSearchedOnceAndCirclesEnd() throws {
        try tree(["films/a.mp4", "films/deep/b.mp4", "elsewhere/c.mp4", "elsewhere/more/d.mp4"]) { folder in
            let films = folder.appendingPathComponent("films")
            try link("deep/up", to: "..", in: films)
            try link("again", to: "deep", in: films)
            try link("linked", to: "../elsewhere", in: films)
            try link("more", to: "../elsewhere/more", in: films)
            let list = try FilmFolder.list(films.path)
            #expect(ids(list) == ["a", "deep/b", "linked/c", "linked/more/d"])
            #expect(
                SkippedFile.lines(list.skipped) == [
                    "again, deep/up, more: a link to a folder that is already searched"
                ])
            // A link to a folder is a folder, given as the path too.
            try link("way", to: "films", in: folder)
            #expect(try ids(Manifest.list("\(folder.path)/way")) == ids(list))
        }
    }

    @Test func aFilmCountsUnderOneOfItsNames() throws {
        try tree(["take3.mp4", "dubbed.es.flac", "market.mp4", "market.es.flac"]) { folder in
            try link("latest.mp4", to: "take3.mp4", in: folder)
            try link("again.mp4", to: "market.mp4", in: folder)
            // The same video with another dub is a different film.
            try link("dubbed.mp4", to: "take3.mp4", in: folder)
            let list = try FilmFolder.list(folder.path)
            #expect(ids(list) == ["dubbed", "market", "take3"])
            #expect(
                SkippedFile.lines(list.skipped) == [
                    "again.mp4, latest.mp4: another name of a film that is already listed"
                ])
        }
    }

    @Test func composedAndDecomposedNamesAreOne() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        try tree(["\(decomposed).mkv", "\(composed).es.flac"]) { folder in
            let list = try Manifest.list(folder.path)
            #expect(list.sources.count == 1 && list.sources[0].tracks.map { "\($0.language)" } == ["es"])
            // By their bytes: in Swift the two are equal.
            for name in [list.sources[0].id, list.sources[0].film] {
                #expect(Array(name.utf8) == Array(composed.utf8))
            }
            let path = try #require(list.sources[0].path)
            #expect(Array(path.utf8).suffix(11) == Array("/\(decomposed).mkv".utf8))
            // A manifest finds the file, whichever way it is written there, in folders' names too.
            try SoundFiles.write("\(folder.path)/\(composed)/a.mp4", text: "")
            try SoundFiles.write(
                "\(folder.path)/list.jsonl",
                text:
                    "{\"path\": \"\(composed).mkv\", \"movie\": \"\(decomposed)\"}\n{\"path\": \"\(decomposed)/a.mp4\"}"
            )
            let sources = try Manifest.read("\(folder.path)/list.jsonl")
            for source in sources { #expect(FileManager.default.fileExists(atPath: source.path!)) }
            #expect(Array(sources[0].film.utf8) == Array(composed.utf8) && sources[0].tracks.count == 1)
        }
        try tree(["\(decomposed).mkv", "\(composed).mkv"]) { folder in
            #expect { try Manifest.list(folder.path) } throws: { error in
                "\(error)".contains(#"two files have one name"#) && "\(error)".contains(#"cafe\u{0301}.mkv"#)
                    && "\(error)".contains(#"caf\u{00E9}.mkv"#)
            }
            // A manifest that tells them apart by ids may have both.
            try SoundFiles.write(
                "\(folder.path)/list.jsonl",
                text: "{\"id\": \"a\", \"path\": \"\(composed).mkv\"}\n{\"id\": \"b\", \"path\": \"\(decomposed).mkv\"}"
            )
            let paths = try Manifest.read("\(folder.path)/list.jsonl").map {
                try Data(contentsOf: URL(fileURLWithPath: $0.path!))
            }
            #expect(paths == [Data("\(composed).mkv".utf8), Data("\(decomposed).mkv".utf8)])
        }
    }

    /// `market.es.flac` belongs to `market.mkv`, whatever names the film.
    @Test func soundsBesideAFilmCountHoweverItIsGiven() throws {
        let files = [
            "market.mkv", "market.es.flac", "market.fr.wav", "marketing.en.wav", "other.mp4", ".market.de.wav",
        ]
        try tree(files) { folder in
            func languages(_ source: ClipSource) -> [String] { source.tracks.map { "\($0.language)" }.sorted() }
            let alone = try Manifest.list("\(folder.path)/market.mkv").sources
            #expect(alone.map(\.id) == ["market"] && languages(alone[0]) == ["es", "fr"] && alone[0].hasOwnTracks)
            for (name, text) in [
                ("a.jsonl", "{\"path\": \"market.mkv\"}\n{\"path\": \"other.mp4\", \"tracks\": [{\"lang\": \"en\"}]}"),
                ("a.csv", "path,track.en\nmarket.mkv,\nother.mp4,yes\n"),
            ] {
                try SoundFiles.write("\(folder.path)/\(name)", text: text)
                let sources = try Manifest.read("\(folder.path)/\(name)")
                #expect(languages(sources[0]) == ["es", "fr"] && sources[0].hasOwnTracks)
                #expect(languages(sources[1]) == ["en"] && !sources[1].hasOwnTracks)
            }
            // A sound that the manifest names as a source is one.
            try SoundFiles.write(
                "\(folder.path)/b.jsonl", text: "{\"path\": \"market.mkv\"}\n{\"path\": \"market.fr.wav\"}")
            #expect(try Manifest.read("\(folder.path)/b.jsonl").map(languages) == [["es"], []])
        }
        try tree(["a.mkv", "a.mp4", "a.es.flac"]) { folder in
            let sources = try FilmFolder.list(folder.path).sources
            #expect(sources.map(\.id) == ["a.mkv", "a.mp4"] && sources.allSatisfy { $0.tracks.count == 1 })
        }
    }

    @Test func theDatasetAndTheCheckNameSkippedFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write("\(folder.path)/market.mkv", seconds: 1.5, languages: ["en"])
            try SoundFiles.write("\(folder.path)/.trash/old.mp4", text: "")
            let check = try DataCheck(folder.path, seconds: 1)
            #expect(check.entries.count == 1 && check.table.hasSuffix("1 file: 1 ok\nskipped: .trash: hidden"))
            #expect(String(decoding: try check.json(), as: UTF8.self).contains(#""name" : ".trash""#))
            var settings = ClipSettings()
            (settings.seconds, settings.mel) = (1, try LogMel(.v1))
            let films = try FilmCatalogue(Manifest.list(folder.path), settings, heldOut: 0)
            #expect(films.leftOut == [".trash: hidden"])
            let text = try FilmDataset(films, split: .all).scriptDescription
            #expect(text.hasSuffix("\nskipped: .trash: hidden"))
        }
    }
}
