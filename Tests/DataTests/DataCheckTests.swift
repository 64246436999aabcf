import Foundation
import Kit
import TestSupport
import Testing

@Suite struct DataCheckTests {
    /// The judgement of each file by its name.
    private func judgements(_ check: DataCheck) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: check.entries.map { (URL(fileURLWithPath: $0.path).lastPathComponent, $0.judgement) })
    }

    @Test func everyFileIsJudged() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = { folder.path + "/" + $0 }
            try FilmFiles.write(path("fine.mp4"), seconds: 4, languages: ["eng", "spa"])
            try FilmFiles.write(path("also.mkv"), seconds: 4, languages: ["eng", "spa"])
            try FilmFiles.write(path("one.mp4"), seconds: 4, languages: ["eng"])
            try FilmFiles.write(path("with.mp4"), seconds: 4, languages: ["eng"])
            try FilmFiles.write(path("with.es.wav"), seconds: 4, languages: ["und"], hasVideo: false)
            try FilmFiles.write(path("mute.mp4"), seconds: 4)
            try FilmFiles.write(path("silent.mkv"), seconds: 4, languages: ["eng", "spa"], amplitude: 0)
            try FilmFiles.write(path("untagged.mkv"), seconds: 4, languages: ["und"])
            try FilmFiles.write(path("short.mkv"), seconds: 2, languages: ["eng", "spa"])
            try FilmFiles.write(path("radio.wav"), seconds: 5, languages: ["und"], hasVideo: false)
            try FilmFiles.write(path("cut.mkv"), seconds: 8, languages: ["eng", "spa"])
            try FilmFiles.truncate(path("cut.mkv"), to: 0.5)
            try "no film".write(toFile: path("notes.mp4"), atomically: true, encoding: .utf8)
            try Data().write(to: folder.appendingPathComponent("empty.wav"))
            var calls: [Int] = []
            let check = try DataCheck(folder.path) { done, all in
                calls.append(done)
                #expect(all == 13)
            }
            #expect(calls == Array(1...13))
            #expect(
                judgements(check) == [
                    "fine.mp4": "ok", "also.mkv": "ok", "one.mp4": "missing language", "with.mp4": "ok",
                    "with.es.wav": "ok", "mute.mp4": "no sound", "silent.mkv": "silent",
                    "untagged.mkv": "missing language",
                    "short.mkv": "short", "radio.wav": "missing language, no video", "cut.mkv": "truncated",
                    "notes.mp4": "unreadable",
                    "empty.wav": "unreadable",
                ])
            #expect(check.hasFaults)
            #expect(
                check.summary
                    == "13 files: 4 ok, 2 unreadable, 1 truncated, 3 missing language, 1 no video, 1 no sound, 1 silent, "
                    + "1 short, 1 no language")
            let lines = check.table.split(separator: "\n")
            #expect(lines[0].hasPrefix("file") && lines[1].hasPrefix("also.mkv") && lines[1].hasSuffix("ok"))
            #expect(lines.contains { $0.hasPrefix("one.mp4: no es (Spanish") && $0.hasSuffix("it has en") })
            // The language of a sound file next to a film is in its name.
            #expect(lines.contains { $0.contains(#/^with\.es\.wav +4\.000 s +- +es +ok$/#) })
            for name in ["notes.mp4", "empty.wav", "cut.mkv"] {
                let line = try #require(lines.first { $0.hasPrefix("\(name): ") })
                #expect(line.ranges(of: name).count == 1, "\(line)")
            }
            #expect(
                lines.suffix(2).first
                    == "Tracks without a language are called und; a manifest can name it (docs/guide/data.md):")
            #expect(lines.last == #"  {"path": "untagged.mkv", "tracks": [{"lang": "en", "stream": 1}]}"#)
            let json = try JSONSerialization.jsonObject(with: check.json()) as? [String: Any]
            #expect(json?["faults"] as? Int == 3 && (json?["files"] as? [Any])?.count == 13)
        }
    }

    @Test func aFilmWithSoundFilesNextToItHasSound() throws {
        try Fixtures.withTemporaryFolder { folder in
            let film = folder.path + "/film.mkv"
            try FilmFiles.write(film, seconds: 4)
            try FilmFiles.write(folder.path + "/film.en.wav", seconds: 4, languages: ["und"], hasVideo: false)
            let manifest = folder.path + "/films.jsonl"
            try SoundFiles.write(
                manifest, text: #"{"path": "film.mkv", "tracks": [{"lang": "en", "path": "film.en.wav"}]}"#)
            for path in [folder.path, film, manifest] {
                #expect(judgements(try DataCheck(path)) == ["film.mkv": "ok", "film.en.wav": "ok"], "\(path)")
            }
            // A sound file without sound is told of all the same.
            try FileManager.default.copyItem(atPath: film, toPath: folder.path + "/film.es.mka")
            #expect(try judgements(DataCheck(film))["film.es.mka"] == "no sound")
        }
    }

    /// By the judgement of the run: a film in both splits, and a stretch of a file in both under two names of films.
    @Test func whatTrainingSeesOfTheHeldOutIsNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a", "b", "c"] {
                try FilmFiles.write("\(folder.path)/\(name).mp4", seconds: 6, languages: ["eng"])
            }
            let manifest = "\(folder.path)/films.jsonl"
            try SoundFiles.write(
                manifest,
                text: """
                    {"id": "1", "movie": "m", "path": "a.mp4", "split": "train"}
                    {"id": "2", "movie": "m", "path": "b.mp4", "split": "held_out"}
                    {"id": "3", "movie": "x", "path": "c.mp4", "split": "train", "duration": 3}
                    {"id": "4", "movie": "y", "path": "c.mp4", "split": "held_out", "start": 3}
                    {"id": "5", "movie": "z", "path": "c.mp4", "split": "held_out", "start": 2, "duration": 3}

                    """)
            let check = try DataCheck(manifest)
            #expect(check.hasFaults)
            #expect(judgements(check) == ["a.mp4": "ok", "b.mp4": "in two splits", "c.mp4": "in two splits"])
            let told = check.entries.flatMap(\.findings).map(\.message)
            #expect(
                told == [
                    "\(manifest):2: film 'm' is in split 'held_out' here, but in 'train' at \(manifest):1: a film is in one split",
                    "\(manifest):5: this segment of \(folder.path)/c.mp4 is in split 'held_out' here, but in 'train' at "
                        + "\(manifest):3",
                ])
            let error = #expect(throws: KitError.self) {
                try FilmCatalogue(Manifest.list(manifest), ClipSettings())
            }
            #expect(error?.message == told[0])
        }
    }

    @Test func languagesAndLengthsMayBeDemanded() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/film.mp4", seconds: 4, languages: ["eng"])
            try FilmFiles.write(folder.path + "/plain.mkv", seconds: 4, languages: ["und"])
            let wanted = try [Language("en"), Language("fr")]
            let check = try DataCheck(folder.path, seconds: 5, languages: wanted)
            #expect(judgements(check)["film.mp4"] == "missing language, short")
            #expect(judgements(check)["plain.mkv"] == "missing language, short")
            #expect(check.entries[0].findings.contains { $0.message == "no fr (French); it has en" })
            #expect(!check.hasFaults)
        }
    }

    @Test func manifestsAreHeldAgainstTheirFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/film.mp4", seconds: 4, languages: ["eng"])
            let manifest = folder.appendingPathComponent("films.jsonl")
            try #"""
            {"id": "a", "path": "film.mp4", "start": 1, "duration": 3}
            {"id": "b", "path": "film.mp4", "start": 2, "duration": 3}
            {"id": "c", "path": "none.mp4"}
            """#.write(to: manifest, atomically: true, encoding: .utf8)
            let check = try DataCheck(manifest.path)
            #expect(check.entries.map(\.source) == ["a", "c"])
            #expect(check.entries.map(\.judgement) == ["out of range", "unreadable"])
            #expect(
                check.entries[0].findings.map(\.message) == [
                    "\(manifest.path):2: ends at 5.000 s, but the file lasts 4.000 s"
                ])
        }
    }
}
