import Foundation
import Kit
import TestSupport
import Testing

/// The scripts below scripts/separate, as a user runs them.
@Suite(.serialized) struct SeparationTests {
    private func run(_ script: String, _ keys: [String], flags: [String] = [], largestFile: Int? = nil) throws
        -> Command.Outcome
    {
        try Command.run(
            ["run", "scripts/separate/\(script).lua", "--progress", "none"] + flags + keys.flatMap { ["--set", $0] },
            largestFile: largestFile)
    }

    /// A short film in two languages.
    private func write(_ path: String, rate: Int = 48_000, channels: Int = 2, isSilent: Bool = false) throws {
        var sounds = [FilmWriter.Sound(), FilmWriter.Sound()]
        for (index, language) in ["eng", "fra"].enumerated() {
            sounds[index].language = try Language(language)
            (sounds[index].sampleRate, sounds[index].channels, sounds[index].codec) = (rate, channels, .flac)
        }
        let writer = try FilmWriter(path, video: .init(width: 32, height: 32), sounds: sounds)
        for _ in 0..<48 { try writer.write(frame: [UInt8](repeating: 90, count: 32 * 32 * 3)) }
        for track in 0..<2 {
            let noise = Pattern.tensor("track \(track)", [2 * rate, channels], -0.3, 0.3) * (isSilent ? 0 : 1)
            try writer.write(sound: Waveform(noise, sampleRate: rate), track: track)
        }
        try writer.finish()
    }

    private func languages(_ path: String) throws -> [String] { try MediaFile(path).audioTracks.map(\.language.code) }

    @Test func addsATrackInPlaceOnceAndGoesOn() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a.mkv", "b.mkv"] { try write(folder.appendingPathComponent(name).path) }
            let keys = ["data=\(folder.path)", "language=en"]
            let dry = try run("remove_speech", keys, flags: ["--dry-run"])
            #expect(dry.status == 0 && dry.errors.contains("2 of 2 films to do"), "\(dry.errors)")
            #expect(try languages("\(folder.path)/a.mkv") == ["en", "fr"])
            try FileManager.default.moveItem(atPath: "\(folder.path)/b.mkv", toPath: "\(folder.path)/b.later")
            #expect(try run("remove_speech", keys).status == 0)
            try FileManager.default.moveItem(atPath: "\(folder.path)/b.later", toPath: "\(folder.path)/b.mkv")
            let second = try run("remove_speech", keys)
            #expect(second.status == 0 && second.errors.contains("1 of 2 films to do"), "\(second.errors)")
            for name in ["a.mkv", "b.mkv"] {
                #expect(try languages("\(folder.path)/\(name)") == ["en", "fr", "zxx"])
            }
            let again = try run("remove_speech", keys + ["overwrite=true"])
            #expect(again.status == 0 && again.errors.contains("2 of 2 films to do"), "\(again.errors)")
            let film = try MediaFile("\(folder.path)/a.mkv")
            #expect(film.audioTracks.map(\.language.code) == ["en", "fr", "zxx"])
            #expect(film.audioTracks[2].title?.contains("kit.separator.center") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.mkv", "b.mkv"])
        }
    }

    /// A film that already has the track is copied, so that the new folder is complete; a film that cannot be copied is
    /// named.
    @Test func theFolderOfNewFilmsIsComplete() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (films, out) = ("\(folder.path)/films", "\(folder.path)/out")
            try FileManager.default.createDirectory(atPath: films, withIntermediateDirectories: true)
            for name in ["a.mkv", "b.mkv"] { try write("\(films)/\(name)") }
            #expect(try run("remove_speech", ["data=\(films)/a.mkv", "language=en"]).status == 0)
            let keys = ["data=\(films)", "out=\(out)", "language=en"]
            let outcome = try run("remove_speech", keys)
            #expect(outcome.status == 0 && outcome.errors.contains("1 of 2 films to do"), "\(outcome.errors)")
            #expect(outcome.errors.contains("a.mkv: copied unchanged, since a.mkv already has a track zxx"))
            #expect(FileManager.default.contentsEqual(atPath: "\(films)/a.mkv", andPath: "\(out)/a.mkv"))
            #expect(try languages("\(out)/b.mkv") == ["en", "fr", "zxx"])
            let again = try run("remove_speech", keys)
            #expect(again.status == 0 && !again.errors.contains("copied"), "\(again.errors)")
            let other = try run("remove_speech", keys + ["container=mp4"])
            #expect(other.status == 64, "\(other.errors)")
            #expect(other.errors.contains("a.mkv: already has a track zxx, and is not written as .mp4"))
        }
    }

    /// In place is where the link leads to; a film of two names is done once.
    /// A sound next to a film is one of its tracks.
    @Test func aSoundNextToTheFilmIsFreedOfSpeech() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (path, out) = ("\(folder.path)/films/a.mkv", "\(folder.path)/out")
            try FileManager.default.createDirectory(atPath: "\(folder.path)/films", withIntermediateDirectories: true)
            try write(path)
            try SoundFiles.write("\(folder.path)/films/a.de.wav", seconds: 2, pitch: 440)
            for data in [path, "\(folder.path)/films"] {
                let outcome = try run("remove_speech", ["data=\(data)", "language=de", "out=\(out)", "overwrite=true"])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(try languages("\(out)/a.mkv") == ["en", "fr", "zxx"])
            }
        }
    }

    @Test func linksStayLinks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (films, store) = ("\(folder.path)/films", "\(folder.path)/store")
            for path in [films, store] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            try write("\(store)/a.mkv")
            for name in ["a.mkv", "b.mkv"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(films)/\(name)", withDestinationPath: "../store/a.mkv")
            }
            // Its own sound makes it a different film for training.
            try SoundFiles.write("\(films)/b.es.wav", seconds: 2)
            let linked = try run("remove_speech", ["data=\(store)", "out=\(films)", "language=en"])
            #expect(linked.status == 64 && linked.errors.contains("is a link to the film itself"), "\(linked.errors)")
            let outcome = try run("remove_speech", ["data=\(films)", "language=en"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("skipped: b.mkv: the same film as a.mkv"), "\(outcome.errors)")
            #expect(try languages("\(store)/a.mkv") == ["en", "fr", "zxx"])
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(films)/a.mkv") == "../store/a.mkv")
            #expect(try FileManager.default.contentsOfDirectory(atPath: store) == ["a.mkv"])
        }
    }

    @Test(arguments: [(8000, 1), (48_000, 1), (44_100, 2)])
    func anyRateAndMono(rate: Int, channels: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            let (path, out) = ("\(folder.path)/a.mkv", "\(folder.path)/out")
            try write(path, rate: rate, channels: channels, isSilent: true)
            let outcome = try run("remove_speech", ["data=\(path)", "out=\(out)", "language=fr"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try languages(path) == ["en", "fr"])
            let made = try MediaFile("\(out)/a.mkv")
            let track = try made.track(language: Language("zxx"))
            #expect(track.sampleRate == rate && track.channels == 2)
            // Silence stays silence.
            let sound = try made.readAudio(track: track, start: 0, duration: 1.9, sampleRate: rate)
            #expect(sound.values.allSatisfy { $0 == 0 })
        }
    }

    @Test func aFullDiskLeavesTheFilmAsItWas() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/a.mkv"
            try write(path)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let outcome = try run("remove_speech", ["data=\(path)", "language=en"], largestFile: 100_000)
            #expect(outcome.status == 74, "\(outcome.errors)")
            #expect(outcome.errors.contains(": File too large"), "\(outcome.errors)")
            #expect(outcome.errors.contains("it takes about "), "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.mkv"])
        }
    }

    @Test func aDamagedFilmDoesNotKeepTheOthersBack() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a.mkv", "b.mkv"] { try write(folder.appendingPathComponent(name).path) }
            let broken = URL(fileURLWithPath: "\(folder.path)/a.mkv")
            let data = try Data(contentsOf: broken)
            try data.prefix(data.count / 2).write(to: broken)
            let outcome = try run("remove_speech", ["data=\(folder.path)", "language=en"])
            #expect(outcome.status == 65 && outcome.errors.contains("1 of 2 films is unchanged: a.mkv"))
            #expect(try languages("\(folder.path)/b.mkv") == ["en", "fr", "zxx"])
            #expect(try Data(contentsOf: broken) == data.prefix(data.count / 2))
        }
    }

    @Test func mistakesAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/a.mkv"
            try write(path)
            let (list, sound) = ("\(folder.path)/films.jsonl", "\(folder.path)/sound.wav")
            try SoundFiles.write(list, text: #"{"path": "a.mkv"}"#)
            try SoundFiles.write(sound, seconds: 1)
            for (key, status, text) in [
                ("data=\(path)", 64, "which sound track? Give option 'language'; it has #1 en"),
                ("language=ja", 65, "no sound track in ja"), ("tag=nonsense", 64, "'nonsense' is not a language code"),
                ("data=/nowhere", 66, "/nowhere: no such file or folder"),
                ("data=\(list)", 66, "films.jsonl: is not a film: expected a folder of films, or one film"),
                ("data=\(sound)", 66, "sound.wav: is a sound file, not a film"),
                ("separator=mask_unet", 64, "separator 'mask_unet' needs weights"),
                ("separator=centre", 64, "did you mean 'center'?"),
                ("separator=centr=x", 64, "kit.separator has no 'centr': did you mean 'center'?"),
                ("separator=mask_unet=/none", 66, "/none"),
            ] as [(String, Int32, String)] {
                let outcome = try run("remove_speech", ["data=\(path)", key])
                #expect(outcome.errors.contains(text), "\(key): \(outcome.errors)")
                #expect(outcome.status == status, "\(key): \(outcome.status)")
            }
        }
    }

    @Test func trainsAndMeasuresSeparators() throws {
        try Fixtures.withTemporaryFolder { folder in
            var lines = ["background,speech,split"]
            for index in 0..<4 {
                let (background, speech) = ("b\(index).wav", "s\(index).wav")
                try SoundFiles.write("\(folder.path)/\(background)", pitch: 3000 + Double(index) * 500)
                try SoundFiles.write("\(folder.path)/\(speech)", pitch: 200 + Double(index) * 20)
                lines.append("\(background),\(speech),\(index == 3 ? "held_out" : "train")")
            }
            try SoundFiles.write("\(folder.path)/stems.csv", text: lines.joined(separator: "\n") + "\n")
            let (data, weights) = ("data=\(folder.path)/stems.csv", "\(folder.path)/w.safetensors")
            let keys = [data, "weights=\(weights)", "steps=3", "batch=2", "seconds=0.5"]
            let flags = ["--runs", "\(folder.path)/runs"]
            let dry = try run("train", keys, flags: flags + ["--dry-run"])
            #expect(dry.status == 0 && !FileManager.default.fileExists(atPath: weights), "\(dry.errors)")
            let trained = try run("train", keys, flags: flags)
            #expect(trained.status == 0, "\(trained.errors)")
            let checkpoint = try #require(
                FileManager.default.enumerator(atPath: "\(folder.path)/runs")?.compactMap { $0 as? String }
                    .first { $0.hasSuffix("step-3/model.safetensors") })
            for file in [weights, "\(folder.path)/runs/\(checkpoint)"] {
                let measured = try run("evaluate", [data, "separators=center,mask_unet=\(file)"])
                #expect(measured.status == 0, "\(measured.errors)")
                let rows = measured.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                #expect(rows.count == 5 && rows[2][0] == "mixture" && rows[3][0] == "center", "\(measured.output)")
                #expect(rows[4][0] == "mask_unet" && rows[4].dropFirst().allSatisfy { Double($0)?.isFinite == true })
            }
        }
    }

    /// Sounds of other lengths, silent speech, a silent background: said, and no part of any mean.
    @Test func whatCannotBeMeasuredIsLeftOutAndSaid() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (name, seconds, pitch, amplitude) in [
                ("b", 1.0, 3000.0, 0.4), ("long", 1.5, 2500, 0.4), ("s", 1.25, 200, 0.3), ("silence", 1, 200, 0),
            ] {
                try SoundFiles.write("\(folder.path)/\(name).wav", seconds: seconds, pitch: pitch, amplitude: amplitude)
            }
            func measure(_ pairs: [String]) throws -> Command.Outcome {
                let rows = (["b.wav,s.wav,train"] + pairs.map { "\($0),held_out" }).joined(separator: "\n")
                try SoundFiles.write("\(folder.path)/stems.csv", text: "background,speech,split\n\(rows)\n")
                return try run("evaluate", ["data=\(folder.path)/stems.csv"])
            }
            func figures(_ outcome: Command.Outcome) -> [[String]] {
                outcome.output.split(separator: "\n").dropFirst(2).prefix(2).map { row in
                    // All but the time, which is another each time.
                    Array(row.split(separator: " ").map(String.init).prefix(row.hasPrefix("center") ? 4 : 3))
                }
            }
            let fine = try measure(["b.wav,s.wav", "long.wav,s.wav"])
            #expect(fine.status == 0, "\(fine.errors)")
            #expect(
                figures(fine).allSatisfy { $0.dropFirst().allSatisfy { Double($0)?.isFinite == true } },
                "\(fine.output)")
            #expect(!fine.output.contains("left out"))
            let mixed = try measure(["b.wav,s.wav", "b.wav,silence.wav", "long.wav,s.wav", "silence.wav,s.wav"])
            #expect(mixed.status == 0 && figures(mixed) == figures(fine), "\(mixed.output)")
            #expect(!mixed.output.contains("inf") && !mixed.output.contains("nan"), "\(mixed.output)")
            for name in ["mixture", "center"] {
                #expect(
                    mixed.output.contains("\(name): 2 of 4 pairs have no finite result and are left out of the means")
                        && mixed.output.contains("silence.wav: the speech is silent"), "\(mixed.output)")
            }
            // Without a terminal, lines say how far it is, and that it is done.
            let shown = try Command.run(
                ["run", "scripts/separate/evaluate.lua", "data=\(folder.path)/stems.csv"])
            #expect(
                shown.errors.contains("mixture: measured 0/4 pairs\n")
                    && shown.errors.contains("center: measured 4/4 pairs"), "\(shown.errors)")
            let none = try measure(["b.wav,silence.wav"])
            #expect(none.status == 0 && figures(none)[0] == ["mixture", "-", "-"], "\(none.output)")
        }
    }

    @Test func mixturesNameWhatIsWrong() throws {
        try Fixtures.withTemporaryFolder { folder in
            try SoundFiles.write("\(folder.path)/b.wav", seconds: 0.4)
            let path = "\(folder.path)/stems.csv"
            for (text, status, message) in [
                ("background,split\nb.wav,train\n", 65, "has no column 'speech'"),
                (
                    "background,speech,split\nb.wav,b.wav,test\n", 65,
                    "stems.csv:2: column 'split' must be train or held_out"
                ),
                ("background,speech,split\nb.wav,b.wav,held_out\n", 65, "no row is in split train"),
                (
                    "background,speech,split\nb.wav,b.wav,train\n", 65,
                    "b.wav: lasts 0.40 s, shorter than a segment of 0.5 s"
                ),
                ("background,speech,split\nnone.wav,b.wav,train\n", 66, "none.wav"),
            ] as [(String, Int32, String)] {
                try SoundFiles.write(path, text: text)
                let outcome = try run("train", ["data=\(path)", "seconds=0.5", "batch=1"], flags: ["--dry-run"])
                #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }
}
