import Foundation
import Kit
import TestSupport
import Testing

/// The table of containers: what it says of each ending is what files with that ending do, and the guide says the same.
@Suite struct ContainerTests {
    @Test func anEndingBelongsToOneContainer() {
        let names = Container.all.flatMap(\.endings).map(\.name)
        #expect(Set(names).count == names.count && names.allSatisfy { $0 == $0.lowercased() && !$0.contains(".") })
        #expect(Container.ending(of: "films/Market.MKV")?.name == "mkv")
        #expect(Container.ending(of: "films/mkv") == nil)
    }

    @Test func everyDemuxerIsThere() {
        #expect(MediaDoctor.findings.filter { $0.subject == "containers" }.map(\.detail) == ["all found"])
    }

    /// One ending that the kit writes.
    struct Written: CustomTestStringConvertible {
        let container: String
        let ending: String
        let isSound: Bool
        let writing: Container.Writing
        var testDescription: String { ending }

        static let all = Container.all.flatMap { container in
            container.endings.compactMap { ending in
                ending.writing.map {
                    Written(container: container.name, ending: ending.name, isSound: ending.isSound, writing: $0)
                }
            }
        }
    }

    /// The names that libavcodec has for the codecs that are written.
    private static let codecNames: [AudioCodec: String] = [
        .aac: "aac", .opus: "opus", .flac: "flac", .mp3: "mp3", .vorbis: "vorbis", .ac3: "ac3", .pcm16: "pcm_s16le",
        .pcmFloat: "pcm_f32le",
    ]

    @Test(arguments: Written.all) func whatIsWrittenIsReadBack(each: Written) throws {
        try Fixtures.withTemporaryFolder { folder in
            // WebM holds no H.264, the only codec of video that the kit writes.
            let hasPicture = !each.isSound && each.ending != "webm"
            func read(_ language: String) throws -> MediaFile {
                let path = "\(folder.path)/\(language).\(each.ending)"
                var sound = FilmWriter.Sound()
                (sound.codec, sound.language) = (each.writing.sound, try Language(language))
                try TestFilm.write(
                    path, seconds: 0.5,
                    video: hasPicture ? .init(width: TestFilm.width, height: TestFilm.height) : nil,
                    sounds: [sound])
                return try MediaFile(path)
            }
            let (silent, spanish) = (try read("zxx"), try read("spa"))
            for file in [silent, spanish] {
                #expect(file.container.name == each.container && (file.video != nil) == hasPicture)
                #expect(file.audioTracks.map(\.codec) == [Self.codecNames[each.writing.sound]])
            }
            let languages = [silent, spanish].map { $0.audioTracks[0].language.code }
            switch each.writing.languages {
            case .all: #expect(languages == ["zxx", "es"])
            case .common: #expect(languages == ["und", "es"])
            case .none: #expect(languages == ["und", "und"])
            }
        }
    }

    /// `kit.remove_speech` tags its track `zxx`.
    @Test func tracksAreAddedWhereTheirLanguageIsKept() {
        for each in Written.all where each.writing.addedTrack != nil {
            #expect(each.writing.languages == .all && !each.isSound, "\(each.ending)")
        }
    }

    /// The codecs of the table, and no others, can be read back.
    @Test(arguments: Written.all.filter { $0.writing.addedTrack != nil }.map(\.ending))
    func tracksAreAddedInTheCodecsOfTheTable(ending: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let film = "\(folder.path)/film.mka"
            var own = FilmWriter.Sound()
            own.codec = .opus
            try TestFilm.write(film, seconds: 1, video: nil, sounds: [own])
            let writing = try #require(Container.ending(of: "film.\(ending)")?.writing)
            for codec in [AudioCodec.aac, .opus, .flac, .mp3, .vorbis, .ac3] {
                let target = "\(folder.path)/\(codec).\(ending)"
                var sound = FilmWriter.Sound()
                (sound.language, sound.codec) = (Language(tag: "es"), codec)
                var pieces = [TestFilm.noise(seconds: 1)]
                func copied() throws -> String? {
                    let copy = try FilmCopy(film, to: target, adding: sound, dropping: [0])
                    try copy.write { pieces.popLast() }
                    return try MediaFile(target).track(language: sound.language).codec
                }
                #expect(((try? copied()) == Self.codecNames[codec]) == writing.addedTracks.contains(codec), "\(codec)")
            }
        }
    }

    @Test(arguments: ["film.qt", "film.mk", "film.xyz", "film"]) func whatIsNotWrittenIsRefused(name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = #expect(throws: KitError.self) {
                _ = try FilmWriter("\(folder.path)/\(name)", sounds: [.init()])
            }
            #expect(error?.kind == .usage)
            let message = try #require(error?.message)
            #expect(message.contains("\(name): expected a name that ends in .3g2, .3gp, "))
            #expect(message.hasSuffix(": did you mean 'mka'?") || name != "film.mk", "\(message)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func theGuideHasTheTable() throws {
        let file = Fixtures.repository.appendingPathComponent("docs/guide/reading.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let (begin, end) = ("<!-- containers -->\n", "<!-- end of containers -->")
        let from = try #require(text.firstRange(of: begin)).upperBound
        let to = try #require(text.firstRange(of: end)).lowerBound
        let page = text[..<from] + Self.table + text[to...]
        if ProcessInfo.processInfo.environment["DUBKIT_WRITE_PAGES"] != nil {
            try Data(page.utf8).write(to: file)
        }
        #expect(
            try String(contentsOf: file, encoding: .utf8) == page,
            "docs/guide/reading.md is out of date: run 'make containers' and commit the result")
    }

    private static var table: String {
        let head = [
            "| container | films | sounds | codec of sound | of an added track | languages |",
            "|---|---|---|---|---|---|",
        ]
        let rows = Container.all.map { container in
            let (films, sounds) = (container.endings.filter { !$0.isSound }, container.endings.filter(\.isSound))
            func names(_ endings: [Container.Ending]) -> String { endings.map(\.name).joined(separator: " ") }
            /// "AAC: mp4 m4v; Opus: mkv".
            func groups(_ text: (Container.Writing) -> String?) -> String {
                let pairs = container.endings.compactMap { ending in
                    ending.writing.flatMap(text).map { (text: $0, name: ending.name) }
                }
                let texts = pairs.map(\.text).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
                return texts.map { text in
                    "\(text): \(pairs.filter { $0.text == text }.map(\.name).joined(separator: " "))"
                }.joined(separator: "; ")
            }
            let languages = Set(container.endings.compactMap { $0.writing?.languages.rawValue })
            let cells = [
                container.name, names(films), names(sounds), groups { $0.sound.title },
                groups { $0.addedTrack?.title },
                languages.count == 1 ? languages.first! : groups { $0.languages.rawValue },
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return (head + rows).map { "\($0)\n" }.joined()
    }
}
