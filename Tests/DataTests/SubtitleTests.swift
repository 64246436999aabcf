import Foundation
import Kit
import TestSupport
import Testing

/// Films that `Tests/Oracle/subtitles.py` made with ffmpeg.
@Suite struct SubtitleTests {
    private static let folder =
        Fixtures.repository.appendingPathComponent("Tests/MediaTests/Fixtures/subtitles").path

    private func entries(_ film: String, _ language: String?) throws -> [Subtitle] {
        try FilmSubtitles(MediaFile("\(Self.folder)/\(film)")).entries(language.map { try Language($0) })
    }

    private static func same(_ given: [Subtitle], _ expected: [(Double, Double, String)]) -> Bool {
        given.count == expected.count
            && zip(given, expected).allSatisfy {
                abs($0.start - $1.0) < 2e-3 && abs($0.end - $1.1) < 2e-3 && $0.text == $1.2
            }
    }

    @Test func textTracksCountFromTheFirstFrame() throws {
        // The video of the Matroska film starts half a second late.
        for (film, zero) in [("film.mkv", 0.5), ("film.mp4", 0)] {
            let spanish = try entries(film, "es")
            #expect(
                Self.same(
                    spanish,
                    [(0.6 - zero, 1.25 - zero, "¿Qué tal?"), (1.5 - zero, 1.9 - zero, "Dos líneas\nde texto.")]),
                "\(spanish)")
        }
        let french = try entries("film.mkv", "fr")
        #expect(Self.same(french, [(0.2, 0.5, "Salut, ça va ?\nOui.")]), "\(french)")
    }

    @Test func filesNextToAFilmBelongToIt() throws {
        #expect(Self.same(try entries("film.mkv", "ja"), [(0.25, 0.75, "こんにちは")]))
        let languages = try FilmSubtitles(MediaFile("\(Self.folder)/film.mkv")).languages.map(\.description)
        #expect(languages == ["es", "fr", "ja"])
    }

    @Test(
        arguments: [
            ("film.mkv", nil, "has several subtitles: give a language (it has: es in stream #1 (subrip)"),
            (
                "film.mkv", "de",
                "has no subtitles in 'de' (it has: es in stream #1 (subrip); fr in stream #2 (ass); ja in film.ja.vtt)"
            ),
        ] as [(String, String?, String)])
    func mistakesAreNamed(film: String, language: String?, message: String) throws {
        let error = #expect(throws: KitError.self) { try entries(film, language) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func damagedFilesAreRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            func fault(_ name: String, _ content: Data) throws -> String {
                let path = folder.appendingPathComponent(name).path
                try content.write(to: URL(fileURLWithPath: path))
                return #expect(throws: KitError.self) { try SubtitleFile.read(path) }?.message ?? ""
            }
            let head = "1\n00:00:00,600 --> 00:00:01,250\n"
            for (name, content, words) in [
                ("latin.srt", Data(head.utf8) + Data([0x51, 0x75, 0xe9, 0x0a]), "is the text UTF-8?"),
                ("empty.srt", Data("\n".utf8), "empty.srt: "),
                ("list.srt", Data("#EXTM3U\nother.ts\n".utf8), "list.srt: "),
            ] {
                let message = try fault(name, content)
                #expect(message.contains(words), "\(message)")
            }
        }
    }

    @Test func stylesAreNotText() {
        let event = "0,0,Default,,0,0,0,,{\\an8}One, {\\i1}two{\\i0}\\N\\hthree \\\\ {"
        #expect(Subtitle.text(ofEvent: event) == "One, two\nthree \\\\")
        #expect(Subtitle.text(ofEvent: "no event").isEmpty)
    }
}
