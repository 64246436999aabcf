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
                (
                    "backwards.srt", Data("\(head)A\n\n2\n00:00:05,000 --> 00:00:03,000\nB\n".utf8),
                    "backwards.srt: line 6: the subtitle ends at 3.000 s, before its start at 5.000 s"
                ),
                (
                    "backwards.vtt", Data("WEBVTT\r\n\r\n01:05.000 --> 01:03.000\r\nB\r\n".utf8),
                    "backwards.vtt: line 3: the subtitle ends at 63.000 s, before its start at 65.000 s"
                ),
                (
                    "backwards.ass",
                    Data("[Events]\nDialogue: 0,0:00:05.00,0:00:03.00,Default,,0,0,0,,B\n".utf8),
                    "backwards.ass: line 2: the subtitle ends at 3.000 s"
                ),
                (
                    "odd.vtt", Data("WEBVTT\n\n00:01.000 --> 00:02.000\nA\n\n3 --> 4\nB\n".utf8),
                    "odd.vtt: line 6: expected times such as 00:01.500 --> 00:03.000, found 3 --> 4"
                ),
                ("list.srt", Data("#EXTM3U\nother.ts\n".utf8), "list.srt: "),
            ] {
                let message = try fault(name, content)
                #expect(message.contains(words), "\(message)")
            }
        }
    }

    /// Styles, regions, notes and other blocks without times.
    @Test(arguments: ["\n", "\r\n", "\r"]) func blocksWithoutTimesAreSkipped(lineEnd: String) throws {
        let text = """
            \u{feff}WEBVTT - a title
            Kind: captions

            STYLE
            ::cue { color: red; }

            REGION
            id:fred

            NOTE not shown

            first
            00:01.000 --> 00:02.000 align:left
            One.

            NOTE

            01:00:03.000 --> 01:00:04.500
            Two,
            three.
            """
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("styled.vtt").path
            try Data(text.replacing("\n", with: lineEnd).utf8).write(to: URL(fileURLWithPath: path))
            let read = try SubtitleFile.read(path)
            #expect(Self.same(read, [(1, 2, "One."), (3603, 3604.5, "Two,\nthree.")]), "\(read)")
        }
    }

    @Test func stylesAreNotText() {
        let event = "0,0,Default,,0,0,0,,{\\an8}One, {\\i1}two{\\i0}\\N\\hthree \\\\ {"
        #expect(Subtitle.text(ofEvent: event) == "One, two\nthree \\\\")
        #expect(Subtitle.text(ofEvent: "no event").isEmpty)
    }
}
