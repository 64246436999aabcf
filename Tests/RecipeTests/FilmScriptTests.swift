import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Films written and read by a recipe.
@Suite struct FilmScriptTests {
    /// Two seconds: the video turns from red to blue, the English track hums at 500 Hz, the Spanish one at 1500 Hz.
    private static let write = """
        local tensor = kit.tensor
        local function hum(hertz)
          local mono = (tensor.linspace { stop = 2 * math.pi * hertz * 2, count = 96000 }:sin() * 0.5):reshape { 96000, 1 }
          return tensor.concat { mono, mono * 0.25, axis = 2 }
        end
        local function film(path)
          local film <close> = kit.media.film_writer {
            path = path, width = 64, height = 48, frame_rate = 10, tracks = { "eng", "spa" } }
          for n = 0, 19 do
            film:frame(tensor.from { 1 - n / 19, 0.25, n / 19 } + tensor.zeros { 48, 64, 3 })
          end
          film:audio("en", hum(500))
          film:audio("es", hum(1500))
          film:close()
          film:close()
        end

        """

    /// Runs Lua in a fresh folder, whose path is the global `folder`.
    private func run(_ chunk: String, check: ([OptionValue], URL) throws -> Void = { _, _ in }) throws {
        try Fixtures.withTemporaryFolder { folder in
            let lua = try LuaState()
            try lua.setGlobal("folder", .string(folder.path))
            try check(try lua.run(chunk: Self.write + chunk, name: "@recipe.lua"), folder)
        }
    }

    /// A sound next to a film is one of its tracks.
    @Test func soundsBesideAFilmAreHeard() throws {
        try run(
            """
            film(folder .. "/a.mkv")
            kit.media.write_audio { path = folder .. "/a.fr.wav", samples = hum(900), sample_rate = 48000 }
            kit.media.write_audio { path = folder .. "/a.es.wav", samples = hum(700), sample_rate = 48000 }
            local film <close> = kit.media.open { path = folder .. "/a.mkv" }
            local beside = kit.media.read_audio { path = folder .. "/a.fr.wav" }
            -- The sound beside goes before the film's own.
            local own = kit.media.read_audio { path = folder .. "/a.es.wav" }
            return table.concat(film.languages, " "), (film:audio("fr", 0, 1) - beside:slice(1, 1, 48000)):abs():max():item(),
              (kit.media.read_audio { path = folder .. "/a.mkv", language = "es" } - own):abs():max():item()
            """
        ) { values, _ in
            #expect(values[0].optionText == "\"en fr es\"" || values[0].optionText == "\"en es fr\"")
            let differences = try values[1...].map { try Double(option: $0) }
            #expect(differences.count == 2 && differences.allSatisfy { $0 < 1e-3 })
        }
    }

    /// PCM needs no decoding, and is exact to half a step of 16 bits.
    @Test(arguments: ["mkv", "mov", "avi"]) func pcmIsExactToSixteenBits(container: String) throws {
        try run(
            """
            local path, sound = folder .. "/a.\(container)", hum(500)
            local writer <close> = kit.media.film_writer {
              path = path, width = 64, height = 48, frame_rate = 10, tracks = { "en" }, codec = "pcm16" }
            writer:frames(tensor.zeros { 20, 48, 64, 3 })
            writer:audio("en", sound)
            writer:close()
            local film <close> = kit.media.open { path = path }
            local track = film.tracks[1]
            local read = film:audio(track.language, 0.37, 1)
            return track.codec, (read - sound:slice(1, 17761, 65760)):abs():max():item()
            """
        ) { values, _ in
            #expect(values[0].optionText == "\"pcm_s16le\"")
            let error = try Double(option: values[1])
            #expect(error < 0.51 / 32768)
        }
    }

    private func failure(of chunk: String) throws -> KitError {
        let error = #expect(throws: KitError.self) { try run(chunk) }
        return try #require(error)
    }

    private func tensor(_ value: OptionValue) throws -> Tensor { try ObjectOption<Tensor>(option: value).object }

    @Test(arguments: ["film.mp4", "film.mkv", "film.mov"]) func aFilmReadsBackAsItWasWritten(name: String) throws {
        let read = """
            film(folder .. "/\(name)")
            local film <close> = kit.media.open { path = folder .. "/\(name)" }
            return film:frames(0, 2, 4), film:audio("spa", 0.5, 1), film.languages, film.duration, film.frame_rate,
              film.width, film:frames(1, 1, 2, 24, 24)
            """
        try run(read) { values, _ in
            let frames = try tensor(values[0])
            #expect(frames.shape == [4, 48, 64, 3])
            for (index, share) in [0, 5.0 / 19, 10.0 / 19, 15.0 / 19].enumerated() {
                let pixel = frames.values[
                    (index * 48 * 64 + 24 * 64 + 32) * 3..<(index * 48 * 64 + 24 * 64 + 32) * 3 + 3]
                for (given, expected) in zip(pixel, [1 - share, 0.25, share]) {
                    #expect(abs(Double(given) - expected) < 0.05, "frame \(index)")
                }
            }
            let sound = try tensor(values[1])
            #expect(sound.shape == [48_000, 2])
            let left = stride(from: 0, to: sound.count, by: 2).map { sound.values[$0] }
            let right = stride(from: 1, to: sound.count, by: 2).map { sound.values[$0] }
            let crossings = zip(left, left.dropFirst()).filter { $0 < 0 && $1 >= 0 }.count
            #expect((1499...1501).contains(crossings), "1500 Hz for a second")
            #expect(abs(left.map(abs).max()! - 0.5) < 0.05 && abs(right.map(abs).max()! - 0.125) < 0.03)
            guard case .list(let languages) = values[2] else { throw KitError.usage("no languages") }
            #expect(try languages.map { try String(option: $0) } == ["en", "es"])
            let (duration, rate) = (try Double(option: values[3]), try Double(option: values[4]))
            #expect(abs(duration - 2) < 0.01 && abs(rate - 10) < 0.01)
            #expect(try Int(option: values[5]) == 64)
            #expect(try tensor(values[6]).shape == [2, 24, 24, 3])
        }
    }

    @Test func manyFramesAtOnceAndTheSameBytes() throws {
        let chunk = """
            for n = 1, 2 do
              local film <close> = kit.media.film_writer { path = folder .. n .. ".mkv", width = 32, height = 32 }
              film:frames(kit.tensor.uniform { 30, 32, 32, 3, seed = 4 })
              film:close()
            end
            """
        try run(chunk) { _, folder in
            let films = try [1, 2].map { try Data(contentsOf: URL(fileURLWithPath: folder.path + "\($0).mkv")) }
            for n in [1, 2] { try FileManager.default.removeItem(atPath: folder.path + "\(n).mkv") }
            #expect(films[0] == films[1] && films[0].count > 1000)
        }
    }

    @Test func aFilmThatWasNotFinishedLeavesNothingBehind() throws {
        let chunk = """
            local ok, message = pcall(function()
              local film <close> = kit.media.film_writer { path = folder .. "/a.mp4", width = 64, height = 48 }
              film:frame(kit.tensor.zeros { 48, 64, 3 })
              error("the script stopped")
            end)
            assert(not ok and message:find "the script stopped", message)
            """
        try run(chunk) { _, folder in
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.isEmpty)
        }
    }

    @Test func theEndOfTheScopeCompletesAFilm() throws {
        let chunk = """
            do
              local film <close> = kit.media.film_writer { path = folder .. "/a.mp4", width = 64, height = 48 }
              film:frame(kit.tensor.zeros { 48, 64, 3 })
            end
            return kit.media.open { path = folder .. "/a.mp4" }.width
            """
        try run(chunk) { values, _ in
            let width = try Int(option: values[0])
            #expect(width == 64)
        }
    }

    @Test func mistakesAreNamed() throws {
        func message(_ body: String, options: String = "width = 64, height = 48, tracks = { 'eng' }") throws -> String {
            try failure(
                of: "local film <close> = kit.media.film_writer { path = folder .. '/a.mkv', \(options) }\n\(body)"
            ).message
        }
        let shape = try message("film:frame(kit.tensor.zeros { 64, 48, 3 })")
        #expect(shape.contains("expected [height 48, width 64, channels 3]"))
        #expect(shape.contains("[height 64, width 48, channels 3]") && shape.hasPrefix("recipe.lua:"))
        #expect(try message("film:frames(kit.tensor.zeros { 48, 64, 3 })").contains("time"))
        #expect(
            try message("film:audio('fra', kit.tensor.zeros { 9, 2 })").contains("no track in fr (French), only: en"))
        #expect(try message("film:audio('eng', kit.tensor.zeros { 9 })").contains("expected [samples, channels 2]"))
        #expect(try message("film:frame(kit.tensor.zeros { 48, 64, 3 } / 0)").contains("NaN"))
        #expect(try message("film:close()").contains("no frame was written"))
        #expect(
            try message(
                "film:frame(kit.tensor.zeros { 48, 64, 3 })\nfilm:close()\nfilm:frame(kit.tensor.zeros { 48, 64, 3 })"
            )
            .contains("is closed"))
        #expect(
            try message("", options: "width = 64, height = 48, tracks = { 'eng', 'en' }").contains("more than once"))
        #expect(try message("", options: "width = 63, height = 48").contains("even"))
        #expect(try message("", options: "width = 64, height = 48, codec = 'acc'").contains("one of aac, opus"))
    }

    @Test func aSoundFileAndAFilmsTrackAreReadAlike() throws {
        let chunk = """
            film(folder .. "/a.mkv")
            local function read(options)
              options.path = folder .. "/a.mkv"
              return kit.media.read_audio(options)
            end
            local whole = read { language = "spa" }
            local part = read { language = "es", start = 0.5, duration = 0.25, sample_rate = 16000 }
            local ok, message = pcall(read, {})
            return whole, part, ok, tostring(message)
            """
        try run(chunk) { values, _ in
            let (whole, part) = (try tensor(values[0]), try tensor(values[1]))
            #expect(whole.shape == [96_000, 2] && part.shape == [4000, 2])
            let (read, message) = (try Bool(option: values[2]), try String(option: values[3]))
            #expect(!read && message.contains("which sound track?"))
        }
        #expect(try failure(of: "kit.media.open { path = folder .. '/none.mp4' }").kind == .noInput)
    }
}
