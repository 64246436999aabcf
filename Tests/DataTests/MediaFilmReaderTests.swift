import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite(.alone("counts open files")) struct MediaFilmReaderTests {
    private func dataset(_ path: String, _ options: [(String, OptionValue)] = []) throws -> FilmDataset {
        let defaults: [(String, OptionValue)] = [
            ("path", .string(path)), ("seconds", .int(1)), ("frames", .int(4)), ("size", .int(32)),
            ("split", .string("all")),
        ]
        let named = defaults.filter { given in !options.contains { $0.0 == given.0 } } + options
        let plugin = try PluginRegistry.shared.make(
            kind: "dataset", name: "films", options: Options(named: named.map { (key: $0.0, value: $0.1) }))
        return try #require(try plugin.construct() as? FilmDataset)
    }

    @Test func aFolderOfFilmsIsReadWithItsDubs() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.path + "/market.mp4"
            try FilmFiles.write(path, seconds: 4, languages: ["eng", "spa"])
            try FilmFiles.write(
                folder.path + "/market.fr.flac", seconds: 2.5, languages: ["und"], pitch: 990, hasVideo: false)
            let films = try dataset(folder.path)
            #expect(films.scriptDescription.contains("market  4      4.0 s   en es fr"))
            #expect(films.films == ["market"] && films.clips.count == 4)
            let evaluation = try films.evaluation()
            let clip = try evaluation.clip(2)
            #expect(clip.audio.tracks.map(\.name) == ["fr", "en", "es"])
            // The clip is what the file gives, read by hand.
            let file = try MediaFile(path)
            let mel = try LogMel(.v1)
            for language in ["en", "es"] {
                let track = try file.track(language: Language(language))
                let sound = try file.readAudio(track: track, start: 2, duration: 1)
                #expect(try clip.audio[language]?.values == mel(sound))
            }
            let frames = try file.readFrames(start: 2, duration: 1, count: 4, width: 32, height: 32)
            let expected = frames.values.map { (Float($0) * (1 / 255) - 0.45) * (1 / 0.225) }
            #expect(clip.video?.values == expected)
            // The dub ends at 2.5 s: silence follows, in a clip that begins before and in one that begins after.
            let silence = logf(1e-6)
            for (number, sounding) in [(2, 40), (3, 0)] {
                let dub = try #require(try evaluation.clip(number).audio["fra"])
                let rows = stride(from: 0, to: dub.count, by: 192).map { dub.values[$0..<$0 + 192].max()! }
                #expect(rows.prefix(sounding).allSatisfy { $0 > silence + 5 })
                #expect(rows.dropFirst(sounding == 0 ? 0 : 50).allSatisfy { abs($0 - silence) < 0.5 })
            }
        }
    }

    @Test func filesThatWereUsedLongAgoAreClosed() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in 0..<6 {
                try FilmFiles.write(folder.path + "/\(name).mkv", seconds: 1, languages: ["eng", "spa"])
            }
            let reader = MediaFilmReader(capacity: 2)
            for name in 0..<6 {
                let path = folder.path + "/\(name).mkv"
                let source = ClipSource(id: "\(name)", film: "\(name)", path: path)
                _ = try reader.frames(of: source, at: [0, 0.5], width: 16, height: 16, fit: .centre)
                for language in ["en", "es"] {
                    _ = try reader.audio(
                        of: source, language: Language(language), start: 0, duration: 1, sampleRate: 44_100)
                }
            }
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            let open = descriptors.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }.filter { $0.hasPrefix(folder.resolvingSymlinksInPath().path) }
            #expect(Set(open) == Set([4, 5].map { folder.resolvingSymlinksInPath().path + "/\($0).mkv" }))
            #expect(open.count == 2)
        }
    }

    @Test func manifestsChooseStretchesAndStreams() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/a.mkv", seconds: 4, languages: ["eng", "spa"])
            try #"""
            {"id": "first", "path": "a.mkv", "duration": 2, "tracks": [{"lang": "ja", "stream": 2}], "labels": {"scene": "x"}}
            {"id": "second", "path": "a.mkv", "start": 2, "tracks": [{"lang": "ja", "stream": 1}], "film": "a"}
            """#.write(to: folder.appendingPathComponent("films.jsonl"), atomically: true, encoding: .utf8)
            let films = try dataset(folder.path + "/films.jsonl", [("frames", .int(2))])
            #expect(
                films.films == ["a"]
                    && films.clips.map(\.id) == ["first:0.000", "first:1.000", "second:0.000", "second:1.000"])
            let clip = try films.evaluation().clip(1)
            let file = try MediaFile(folder.path + "/a.mkv")
            let sound = try file.readAudio(track: file.track(language: Language("es")), start: 1, duration: 1)
            #expect(try clip.audio["ja"]?.values == LogMel(.v1)(sound))
            guard case .table(let labels) = clip.places[0].labels else {
                Issue.record("no labels")
                return
            }
            #expect(labels.named.map(\.key) == ["scene"])
        }
    }

    /// Before anything is read: tracks that a manifest states are looked up in their files.
    @Test func tracksThatAreNotThereAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/a.mkv", seconds: 2, languages: ["eng", "spa"])
            try FilmFiles.write(
                folder.path + "/two.mka", seconds: 2, languages: ["fra", "deu"], hasVideo: false)
            func message(_ tracks: String) throws -> String {
                try "{\"path\": \"a.mkv\", \"tracks\": [\(tracks)]}".write(
                    toFile: folder.path + "/films.jsonl", atomically: true, encoding: .utf8)
                return #expect(throws: KitError.self) { try dataset(folder.path + "/films.jsonl") }?.message ?? ""
            }
            for (tracks, words) in [
                (#"{"lang": "ja"}"#, "track ja: a.mkv: no sound track in ja (Japanese); it has #1 en"),
                (
                    #"{"lang": "en"}, {"lang": "es", "stream": 9}"#,
                    "track es: a.mkv: stream #9 is not a sound track; it has #1"
                ),
                (#"{"lang": "es", "stream": 0}"#, "track es: a.mkv: stream #0 is not a sound track"),
                (#"{"lang": "es", "path": "gone.flac"}"#, "track es: \(folder.path)/gone.flac: No such file"),
                (#"{"lang": "es", "path": "two.mka"}"#, "track es: two.mka: no sound track in es (Spanish)"),
            ] {
                let text = try message(tracks)
                #expect(text.contains(words), "\(text)")
            }
        }
    }

    /// Several tracks that a language could mean are an error, not a silent choice; a region decides.
    @Test func tracksBesideAFilmThatCannotBeToldApartAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/a.mkv", seconds: 2, languages: ["eng"])
            for (place, name) in ["fr-CA", "fr-FR"].enumerated() {
                try FilmFiles.write(
                    "\(folder.path)/a.\(name).flac", seconds: 2, languages: ["und"], pitch: 300 + 400 * Double(place),
                    hasVideo: false)
            }
            let path = folder.path + "/a.mkv"
            #expect { try dataset(path, [("tracks", .string("fr"))]) } throws: { error in
                "\(error)".contains("has 2 tracks in fr (French): fr-ca (a.fr-CA.flac), fr-fr (a.fr-FR.flac)")
            }
            let clip = try dataset(path, [("tracks", .string("fr-FR"))]).evaluation().clip(0)
            let file = try MediaFile("\(folder.path)/a.fr-FR.flac")
            let sound = try file.readAudio(track: file.audioTracks[0], start: 0, duration: 1)
            #expect(try clip.audio["fr"]?.values == LogMel(.v1)(sound))
        }
    }

    @Test func brokenFilesAreNamedAndTheRunGoesOn() throws {
        try Fixtures.withTemporaryFolder { folder in
            for index in 0..<6 {
                try FilmFiles.write(folder.path + "/film-\(index).mkv", seconds: 6, languages: ["en"])
            }
            try FilmFiles.truncate(folder.path + "/film-2.mkv", to: 0.5)
            try "not a film at all".write(toFile: folder.path + "/notes.mp4", atomically: true, encoding: .utf8)
            let options: [(String, OptionValue)] = [("bad_budget", .int(2)), ("size", .int(16)), ("frames", .int(2))]
            func run(workers: Int) throws -> (bits: [[UInt32]], bad: [BadSample]) {
                let films = try dataset(folder.path, options + [("workers", .int(workers))])
                let batches = try films.batches(sampler("same_film", [("k", .int(2)), ("batch", .int(6))]))
                var bits: [[UInt32]] = []
                while bits.count < 12 { if let batch = try batches.next() { bits.append(batch.bits) } }
                return (bits, batches.badSamples)
            }
            let alone = try run(workers: 0)
            #expect(Set(alone.bad.map(\.id)) == ["notes", "film-2"])
            #expect(alone.bad.allSatisfy { $0.path.hasPrefix(folder.path) && !$0.reason.isEmpty })
            let threaded = try run(workers: 2)
            #expect(threaded.bits == alone.bits && threaded.bad == alone.bad)
        }
    }

    @Test func filmsThatLackWhatIsWantedAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            try FilmFiles.write(folder.path + "/fine.mp4", seconds: 2, languages: ["en"])
            try FilmFiles.write(folder.path + "/mute.mp4", seconds: 2)
            try FilmFiles.write(folder.path + "/radio.wav", seconds: 2, languages: ["und"], hasVideo: false)
            #expect { try dataset(folder.path) } throws: { error in
                let text = "\(error)"
                return text.hasPrefix("2 of 3 sources cannot be used") && text.contains("mute.mp4: has no sound")
                    && text.contains("radio.wav: has no video")
            }
            #expect(try dataset(folder.path, [("unusable", .string("skip"))]).films == ["fine"])
            #expect(
                try dataset(folder.path, [("audio", .bool(false)), ("unusable", .string("skip"))]).films == [
                    "fine", "mute",
                ])
            #expect(
                try dataset(folder.path + "/radio.wav", [("video", .bool(false))]).clip(0).audio["und"]?.shape == [
                    1, 92, 96, 2,
                ])
            #expect { try dataset(folder.path, [("seconds", .int(30)), ("unusable", .string("skip"))]) } throws: {
                "\($0)".contains("shorter than a clip of 30.0 s")
            }
        }
    }

    @Test func badOptionsAreNamed() {
        for (option, message) in [
            (("lenght", OptionValue.int(3)), "kit.dataset.films: unknown option 'lenght'"),
            (
                ("mel", .string("v3")),
                "kit.dataset.films: unknown mel preset 'v3': did you mean 'v1'? (there are: v1, v2, v2_stereo)"
            ),
            (
                ("mel", .table(Options(named: [("hopp", .int(3))]))),
                "kit.dataset.films: unknown key 'hopp' in 'mel': did you mean 'hop'?"
            ),
            (
                ("mel", .table(Options(named: [("mels", .int(0))]))),
                "kit.dataset.films: 'mels' in 'mel' must be 1 to 4096, but is 0"
            ),
            (("tracks", .string("")), "kit.dataset.films: '' names no language"),
            (("tracks", .string("english")), "kit.dataset.films: 'english' is not a language code"),
            (("tracks", .int(3)), "kit.dataset.films: option 'tracks' must be a language, list of languages"),
            (
                ("mean", .list([.number(0.5), .number(0.5)])),
                "kit.dataset.films: option 'mean' must be one number or three"
            ),
            (("split", .string("test")), "kit.dataset.films: option 'split' must be one of train, held_out, all"),
        ] {
            #expect { try dataset("/none", [option]) } throws: { error in
                if !"\(error)".hasPrefix(message) { Issue.record("the message is: \(error)") }
                return "\(error)".hasPrefix(message)
            }
        }
    }
}
