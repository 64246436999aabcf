import Foundation
import Kit
import TestSupport
import Testing

/// `scripts/dub/dub.lua` on films whose speech, background and times are known.
@Suite struct DubbingTests {
    /// A film of 12 s with a voice of 110 Hz, its background as the track zxx, and subtitles in Spanish.
    private struct TestCase {
        static let lines = [(1.0, 3.0, "uno"), (4.5, 6.0, "dos\n[PUERTA]"), (8.0, 10.5, "tres")]
        static let pitch = 110.0
        let folder: URL
        let background: Waveform
        let speech: Waveform
        var film: String { folder.appendingPathComponent("films/film.mkv").path }
        var target: String { folder.appendingPathComponent("out/film.mkv").path }

        init(in folder: URL, subtitles: [(Double, Double, String)] = lines, channels: Int = 2) throws {
            self.folder = folder
            let films = folder.appendingPathComponent("films")
            try FileManager.default.createDirectory(at: films, withIntermediateDirectories: true)
            var background = Waveform(channels: 2, count: 12 * 48_000, sampleRate: 48_000)
            for channel in 0..<2 {
                var random = RandomStream(seed: 5).derived("background", channel)
                for index in 0..<background.count {
                    background.values[channel * background.count + index] = 0.01 * (random.uniform() - 0.5)
                }
            }
            var speech = Waveform(channels: 2, count: background.count, sampleRate: 48_000)
            for (start, stop, _) in Self.lines {
                let voice = Voice.buzz(stop - start, pitch: Self.pitch, level: 0.04 + 0.01 * start)
                for channel in 0..<2 {
                    let first = channel * speech.count + Int(start * 48_000)
                    speech.values.replaceSubrange(first..<first + voice.count, with: voice[channel: channel])
                }
            }
            (self.background, self.speech) = (background, speech)
            let sounds = ["en", "zxx"].map { language in
                var sound = FilmWriter.Sound()
                (sound.language, sound.codec) = (Language(tag: language), .flac)
                sound.channels = channels
                return sound
            }
            var mixed = background
            for index in mixed.values.indices { mixed.values[index] += speech.values[index] }
            let writer = try FilmWriter(
                films.appendingPathComponent("film.mkv").path, video: .init(width: 64, height: 32), sounds: sounds)
            for _ in 0..<Int(12 * 24) {
                try writer.write(frames: Frames(count: 1, height: 32, width: 64))
            }
            for (track, sound) in [mixed, background].enumerated() {
                // Left, right, centre, and the others.
                let silence = [Float](repeating: 0, count: sound.count)
                let centred = (0..<channels).flatMap { $0 == 2 ? Array(sound[channel: 0]) : silence }
                let placed = Waveform(channels: channels, count: sound.count, sampleRate: 48_000, values: centred)
                try writer.write(sound: channels == 2 ? sound : placed, track: track)
            }
            try writer.finish()
            let text = subtitles.enumerated().map {
                "\($0 + 1)\n\(Self.clock($1.0)) --> \(Self.clock($1.1))\n\($1.2)\n\n"
            }
            try Data(text.joined().utf8).write(to: films.appendingPathComponent("film.es.srt"))
            // 0.3 s of silence, then 1.8 s of a voice of 190 Hz.
            let silence = Waveform(channels: 2, count: 14_400, sampleRate: 48_000)
            try Waveform(joining: [silence, Voice.buzz(1.8, pitch: 190), silence]).write("\(folder.path)/voice.wav")
        }

        private static func clock(_ seconds: Double) -> String {
            let whole = Int(seconds)
            let thousandths = Int(((seconds - Double(whole)) * 1000).rounded())
            return String(format: "00:00:%02d,%03d", whole, thousandths)
        }

        /// The sound of the track en of more than two channels, which is all in the centre, as one channel.
        var centre: Waveform {
            let values = zip(background[channel: 0], speech[channel: 0]).map { $0 + $1 }
            return Waveform(channels: 1, count: values.count, sampleRate: 48_000, values: values)
        }

        func run(
            _ keys: [String], engine: String? = nil, flags: [String] = [], environment: [String: String] = [:]
        ) throws -> Command.Outcome {
            try Command.run(
                ["run", "scripts/dub/dub.lua"] + flags + [
                    "--progress", "none", "data=\(folder.path)/films", "out=\(folder.path)/out",
                    "work=\(folder.path)/work",
                    "language=es", "source_language=en", "codec=flac", "page=1",
                    "engine=\(engine ?? "cp '\(folder.path)/voice.wav' {out}")",
                ] + keys, environment: environment)
        }

        /// The new track, without the background.
        func dub() throws -> Waveform {
            let file = try MediaFile(target)
            var sound = try file.readAudio(
                track: file.track(language: Language(tag: "es")), from: 0, sampleRate: 48_000
            )
            .fitted(to: background.count)
            for index in sound.values.indices { sound.values[index] -= background.values[index] }
            return sound
        }
    }

    private static func samples(_ seconds: Double) -> Int { Int((seconds * 48_000).rounded()) }

    @Test func linesAreHeardAtTheirTimesAsLoudAndAsHighAsTheOriginal() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            let outcome = try test.run([])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("film.mkv: 3 lines, subtitles in es\n"), "\(outcome.output)")
            let dub = try test.dub()
            for (start, stop, _) in TestCase.lines {
                let range = Self.samples(start)..<Self.samples(stop)
                let (line, original) = (dub.part(range), test.speech.part(range))
                let loudest = line.values.reduce(0) { max($0, abs($1)) }
                let around = dub.part(range.lowerBound - 9600..<range.upperBound + 9600)
                let first = try #require(around[channel: 0].firstIndex { abs($0) > 0.03 * loudest })
                #expect(
                    abs(Double(first) / 48_000 - 0.2) < 0.02,
                    "line at \(start) begins at \(Double(first) / 48_000 - 0.2)")
                let last = try #require(around[channel: 0].lastIndex { abs($0) > 0.03 * loudest })
                let end = Double(last - around.count) / 48_000 + 0.2
                #expect(abs(end) < 0.1, "line at \(start) ends \(end) from its end")
                let loudness = try (line.loudness(), original.loudness())
                #expect(
                    abs(try #require(loudness.0.integrated) - #require(loudness.1.integrated)) < 0.5, "\(loudness)")
                let pitch = try #require(try line.medianPitch())
                #expect(abs(12 * log2(pitch / TestCase.pitch)) < 0.5, "\(pitch)")
            }
        }
    }

    @Test func nothingElseIsTouched() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            #expect(try test.run([]).status == 0)
            let dub = try test.dub()
            let tracks = try MediaFile(test.target).audioTracks
            #expect(tracks.map(\.language.description) == ["en", "zxx", "es"])
            #expect(tracks.last?.title == "synthetic dub (cp)")
            // Between the lines is only the background, to the resolution of 24 bits.
            var next = 0
            let end = try MediaFile(test.target).duration
            for (start, stop, _) in TestCase.lines + [(end, end, "")] {
                let quiet = dub.part(next..<Self.samples(start))
                let loudest = quiet.values.reduce(0) { max($0, abs($1)) }
                #expect(loudest < 1e-6, "before \(start)")
                next = Self.samples(stop + 0.1)
            }
            let manifest = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: folder.appendingPathComponent("work/film.mkv.es/manifest.json")))
                    as? [String: Any])
            let segments = try #require(manifest["segments"] as? [[String: Any]])
            #expect(segments.map { $0["text"] as? String } == ["uno", "dos", "tres"])
            for key in ["tempo", "pitch_ratio", "gain", "dub_loudness", "start", "stop"] {
                #expect(segments.allSatisfy { $0[key] is Double }, "\(key)")
            }
            let page = try String(
                contentsOf: folder.appendingPathComponent("work/film.mkv.es/page.html"), encoding: .utf8)
            #expect(page.contains("0001-dub.opus") && !page.contains("0002-dub.opus"))
        }
    }

    @Test func whatIsDoneIsNotDoneAgain() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            let dry = try test.run([], flags: ["--dry-run"])
            #expect(dry.output.contains("film.mkv: 3 lines to speak, subtitles in es\n"), "\(dry.output)\(dry.errors)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/work"))
            #expect(try test.run([]).status == 0)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: test.target))
            #expect(try test.run([]).output == "0 films dubbed, 1 had the track, 0 left out\n")
            // Spoken lines are kept: the voice is not needed any more.
            try FileManager.default.removeItem(atPath: "\(folder.path)/voice.wav")
            #expect(try test.run(["overwrite=true"]).status == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: test.target)) == bytes)
        }
    }

    @Test func aFailureCostsALineAndLongLinesAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder, subtitles: TestCase.lines + [(7, 7.01, "corto"), (11, 11.6, "largo")])
            try Data(
                "[ \"$1\" != dos ] || { echo 'no voice today' >&2; exit 3; }; cp '\(folder.path)/voice.wav' \"$2\"".utf8
            )
            .write(to: folder.appendingPathComponent("speak.sh"))
            let outcome = try test.run([], engine: "sh \(folder.path)/speak.sh {text} {out}")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output.contains("film.mkv: warning: line 2 at 4.5 s is left as it was: ")
                    && outcome.output.contains("failed with status 3: no voice today"), "\(outcome.output)")
            for line in ["3 at 7.0 s is 0.9 s", "5 at 11.0 s is 0.3 s"] {
                #expect(
                    outcome.output.contains("film.mkv: warning: line \(line) too long even at 2 times the tempo"),
                    "\(outcome.output)")
            }
            let kept = try test.dub().part(Self.samples(4.5)..<Self.samples(6))
            let original = test.speech.part(Self.samples(4.5)..<Self.samples(6))
            #expect(zip(kept.values, original.values).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test(arguments: [
        (["language=fr"], "has no subtitles in 'fr' (it has: es in film.es.srt)"),
        (["engine=espeak"], "engine 'espeak' must be one of espeak-ng, festival, flite, or a command with {out}"),
        (
            ["engine=nothere {out}"],
            "engine 'nothere {out}': the program 'nothere' was not found: install it, or correct PATH"
        ),
        (["engine=cp {voices} {out}"], "there is no {voices} here, only {lang}, {out}, {text}, {voice}"),
        (["lines_language=es", "language=fr"], "the lines are in 'es', not in 'fr': give translate"),
        (["outside=nothing"], "outside=nothing: must be one of original, background, but is string \"nothing\""),
        (
            ["container=avi"],
            "film.avi: no track with a language is added to .avi files: expected one of .mp4, .m4v, .mkv, .webm, .ts"
        ),
        (
            ["container=webm"],
            "film.webm: .webm files keep no track in flac: expected opus, vorbis; .mkv files keep it (keys: out, "
        ),
        (["container=webm", "codec=opus"], "Only VP8 or VP9 or AV1 video"),
        (["fastest=0.5"], "fastest=0.5: must be 1.0 to 10.0, but is number 0.5"),
        (["transcript=/nowhere/{nam}.tsv"], "there is no {nam} here, only {film}, {folder}, {name}"),
    ])
    func mistakesAreExplained(keys: [String], message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            // A dry run finds them, too, except in commands, which it does not run.
            for flags in keys[0].contains("voices") ? [[]] : [["--dry-run"], []] {
                let outcome = try test.run(keys, flags: flags)
                #expect(outcome.status != 0)
                #expect((outcome.output + outcome.errors).contains(message), "\(outcome.output)\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out"))
                #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/work/film.mkv.es/segments"))
            }
        }
    }

    /// These programs speak with another voice than one that they do not have.
    @Test func unknownVoicesAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            for (program, answer) in [
                ("flite", "Voices available: kal rms slt "), ("festival", "(us_hts\n it_hts)"), ("text2wave", ""),
                ("espeak-ng", "Pty Language  VoiceName  File\n 5  variant  Annie  !v/Annie \n 5  variant  F 2  !v/f2"),
            ] {
                let path = folder.appendingPathComponent(program).path
                try Data("#!/bin/sh\nprintf '\(answer)\\n'\n".utf8).write(to: URL(fileURLWithPath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            for (engine, voice, message) in [
                ("flite", "slr", "engine 'flite' has no voice 'slr': it has kal, rms, slt: did you mean 'slt'?"),
                (
                    "festival", "voice_it_ht",
                    "has no voice 'voice_it_ht': it has voice_us_hts, voice_it_hts: did you mean 'voice_it_hts'?"
                ),
                ("festival", "", "has no voice 'voice_kal_diphone': it has voice_us_hts, voice_it_hts"),
                (
                    "espeak-ng", "es+anie",
                    "engine 'espeak-ng' has no variant 'anie': it has Annie, f2: did you mean 'Annie'?"
                ),
                ("espeak-ng", "es+13", "has no variant 'f3'"), ("espeak-ng", "", "has no variant 'm3'"),
            ] {
                let outcome = try test.run(
                    ["voice=\(voice)"], engine: engine, flags: ["--dry-run"],
                    environment: ["PATH": "\(folder.path):/usr/bin:/bin"])
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }

    /// A player plays the original's channels, not the softer mix that encoders hear.
    @Test func dubsOfMoreChannelsAreAsLoudAsTheOriginal() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder, channels: 6)
            let outcome = try test.run([])
            #expect(outcome.output.contains("film.mkv: mixed to stereo and raised by 7.7 dB"), "\(outcome.output)")
            let file = try MediaFile(test.target)
            let dub = try file.readAudio(track: file.track(language: Language(tag: "es")), from: 0)
            #expect(abs(try #require(dub.loudness().integrated) - test.centre.loudness().integrated!) < 0.5)
            #expect(try #require(dub.loudness().truePeak) < -0.9)
            // Between the lines it is the original, louder: nothing is limited there.
            let original = try file.readAudio(track: file.track(language: Language(tag: "en")), from: 0)
            let range = Self.samples(6.5)..<Self.samples(7.5)
            let (own, made) = (original.part(range), dub.part(range))
            let factor = Float(pow(10, 7.66 / 20))
            #expect(zip(own.values, made.values).allSatisfy { abs($0 * factor - $1) < 1e-4 })
            let plain = try test.run(["raise=false", "overwrite=true"])
            #expect(plain.status == 0 && !plain.output.contains("raised"), "\(plain.output)")
        }
    }

    /// Rubber Band writes warnings to the terminal unless it is told not to.
    @Test func nothingButTheKitSpeaksOnTheTerminal() throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try TestCase(in: folder, subtitles: [(1, 12, "largo")]).run(["slowest=0.05"])
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
            let script = folder.appendingPathComponent("slow.lua")
            let filter = "rubberband=tempo=0.05:pitch=0.8:formant=preserved:pitchq=quality"
            try Data(
                "require('kit').media.filter_audio { samples = require('kit').tensor.ones { 2400, 1 }, filters = '\(filter)' }"
                    .utf8
            ).write(to: script)
            #expect(try Command.run(["run", script.path]).errors == "")
        }
    }

    @Test func earlierDubsAreNotDubbed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            try FileManager.default.copyItem(
                atPath: "\(folder.path)/films/film.es.srt", toPath: "\(folder.path)/films/film.fr.srt")
            for language in ["es", "fr"] {
                let outcome = try test.run(["out=", "source_language=", "language=\(language)"])
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            }
            #expect(try MediaFile(test.film).audioTracks.map(\.language.description) == ["en", "zxx", "es", "fr"])
        }
    }

    /// Lines from a file, in another language, and a translation of each by a program.
    @Test func linesCanBeGivenAndTranslated() throws {
        try Fixtures.withTemporaryFolder { folder in
            let test = try TestCase(in: folder)
            try Data("# start, end, text\n1.0\t3.0\tone\n8\t10.5\tthree\n".utf8)
                .write(to: folder.appendingPathComponent("films/film.tsv"))
            let outcome = try test.run([
                "transcript={folder}/{name}.tsv", "lines_language=en", "translate=tr a-z A-Z",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let manifest = try String(
                contentsOf: folder.appendingPathComponent("work/film.mkv.es/manifest.json"), encoding: .utf8)
            #expect(manifest.contains("ONE") && manifest.contains("THREE") && !manifest.contains("dos"))
        }
    }
}
