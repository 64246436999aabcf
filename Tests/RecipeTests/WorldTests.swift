import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// The world with known truth that `samples/make_world.lua` makes.
@Suite(.serialized, .alone("PATH")) struct WorldTests {
    static let hasSpeech = FileManager.default.isExecutableFile(atPath: "/usr/bin/espeak-ng")

    private static func make(_ folder: URL, _ name: String, _ keys: String...) throws -> String {
        let outcome = try run(folder, name, keys)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return "\(folder.path)/\(name)"
    }

    private static func run(_ folder: URL, _ name: String, _ keys: [String]) throws -> Command.Outcome {
        let all = ["out=\(folder.path)/\(name)", "height=32", "frame_rate=4", "seconds=2", "seed=5"] + keys
        return try Command.run(["run", "samples/make_world.lua"] + all.flatMap { ["--set", $0] })
    }

    /// Runs Lua that can require the studio's modules.
    private static func studio(_ chunk: String) throws -> [OptionValue] {
        let samples = Fixtures.repository.appendingPathComponent("samples").path
        return try LuaState().run(chunk: "package.path = '\(samples)/?.lua'\n\(chunk)", name: "@studio.lua")
    }

    /// A stand-in for espeak-ng that fails a given number of times before it speaks.
    private static func say(failing times: Int, by end: String, in folder: URL) throws -> (String, calls: Int) {
        try SoundFiles.write("\(folder.path)/said.wav", seconds: 0.5)
        let program = folder.appendingPathComponent("espeak-ng")
        let script = """
            #!/bin/sh
            echo >>'\(folder.path)/calls'
            [ $(wc -l <'\(folder.path)/calls') -le \(times) ] && \(end)
            while [ $# -gt 2 ]; do [ "$1" = -w ] && cp '\(folder.path)/said.wav' "$2"; shift; done
            """
        try SoundFiles.write(program.path, text: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        try SoundFiles.write("\(folder.path)/calls", text: "")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        setenv("PATH", "\(folder.path):\(path)", 1)
        defer { setenv("PATH", path, 1) }
        let values = try studio(
            """
            local speech = require "studio.speech"
            speech.pause = 0
            local ok, said = pcall(speech.say, "hello", { program = "espeak-ng", name = "en" }, { rate = 150, pitch = 50, range = 50 })
            return ok and "spoken" or tostring(said)
            """)
        let calls = try String(contentsOfFile: "\(folder.path)/calls", encoding: .utf8).count
        return (try String(option: values[0]), calls)
    }

    @Test func anEngineThatDiesIsTriedAgainAndNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            for end in ["exit 64", "kill -ABRT $$"] {
                let spoken = try Self.say(failing: 2, by: end, in: folder)
                #expect(spoken == ("spoken", 3), "\(spoken)")
            }
            let (message, calls) = try Self.say(failing: 99, by: "exit 64", in: folder)
            let expected = "espeak-ng could not speak \"hello\" as en: exit 64, the last of 5 attempts"
            #expect(message.contains(expected) && calls == 5, "\(message)")
            #expect(try Self.say(failing: 99, by: "exit 127", in: folder).0.contains("espeak-ng is not installed"))
        }
    }

    /// festival ends well without a voice, and writes nothing.
    @Test func aVoiceThatSaysNothingIsNamed() throws {
        let said = try Self.studio(
            """
            local engines, speech = require "studio.engines", require "studio.speech"
            engines.silent = { package = "voices", command = function() return { "true" } end }
            local ok, said = pcall(speech.say, "hello", { program = "silent", name = "nobody" },
              { rate = 150, pitch = 50, range = 50 })
            return ok, tostring(said)
            """)
        #expect(try !Bool(option: said[0]))
        #expect(try String(option: said[1]).contains("silent has no voice 'nobody': apt-get install voices"))
    }

    @Test func tasksAreReadAndNoFilmLeaks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let world = try Self.make(folder, "world", "use=tasks", "films=20", "speech=0", "hiss=40", "next_door=9")
            var splits: [String: Set<String>] = [:]
            for task in ["event", "scene", "av_event"] {
                let values = try LuaState().run(
                    chunk: """
                        local data = kit.dataset.hear { path = "\(world)/tasks/\(task)" }
                        local items, found = data:items(), {}
                        for n, item in ipairs(items) do found[n] = item.split .. " " .. item.path:match "film%-%d+" end
                        return found, #data:classes(), data.multi_label
                        """)
                let items = try #require(try [String]?(option: values[0]))
                #expect(items.count == 20)
                #expect(try Int(option: values[1]) == (task == "scene" ? 8 : 10))
                #expect(try !Bool(option: values[2]))
                for item in items {
                    let words = item.split(separator: " ").map(String.init)
                    splits[words[1], default: []].insert(words[0])
                }
            }
            #expect(splits.count == 20 && splits.values.allSatisfy { $0.count == 1 })
            let counts = Dictionary(grouping: splits.values, by: { $0.first! }).mapValues(\.count)
            #expect(counts == ["fold00": 4, "fold01": 4, "fold02": 4, "fold03": 4, "fold04": 4])

            // The manifest tells the same truth, and its films can be read and told apart by it.
            let values = try LuaState().run(
                chunk: """
                    local data = kit.dataset.manifest { path = "\(world)/manifest.jsonl", label = "event" }
                    local films = kit.dataset.films { path = "\(world)", size = 32, frames = 2, seconds = 2 }
                    return #data, tostring(films)
                    """)
            #expect(try Int(option: values[0]) == 20)
        }
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        try Fixtures.withTemporaryFolder { folder in
            let worlds = try ["a", "b"].map {
                try Self.make(folder, $0, "films=2", "speech=0", "domain=vlog", "level=6", "tone=0.5")
            }
            for file in ["manifest.jsonl", "films/film-0001.mkv", "films/film-0002.mkv"] {
                let bytes = try worlds.map { try Data(contentsOf: URL(fileURLWithPath: "\($0)/\(file)")) }
                #expect(bytes[0] == bytes[1] && !bytes[0].isEmpty, "\(file)")
            }
            let ink = try Self.make(folder, "ink", "films=1", "speech=0", "domain=ink", "level=6", "tone=0.5")
            let other = try Data(contentsOf: URL(fileURLWithPath: "\(ink)/films/film-0001.mkv"))
            let vlog = try Data(contentsOf: URL(fileURLWithPath: "\(worlds[0])/films/film-0001.mkv"))
            #expect(other != vlog)
        }
    }

    /// A set that was stopped continues with the first film that is not whole, and ends with the same bytes.
    @Test func whatWasStoppedContinues() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (whole, stopped) = ("\(folder.path)/whole", "\(folder.path)/stopped")
            let obstacle = "\(stopped)/films/film-0002.mkv"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
            func run(_ name: String) throws -> Int32 {
                try Self.run(folder, name, ["use=tasks", "films=3", "speech=0"]).status
            }
            func number() throws -> Int? {
                let first = "\(stopped)/films/film-0001.mkv"
                return try FileManager.default.attributesOfItem(atPath: first)[.systemFileNumber] as? Int
            }
            #expect(try run("stopped") != 0)
            let before = try #require(try number())
            try FileManager.default.removeItem(atPath: obstacle)
            #expect(try run("stopped") == 0 && run("whole") == 0)
            #expect(try number() == before)
            let (expected, found) = try (Self.files(whole), Self.files(stopped))
            #expect(found.keys.sorted() == expected.keys.sorted())
            for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        }
    }

    /// The files below a folder, by their names in it.
    private static func files(_ folder: String) throws -> [String: Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in
                FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, $0) }
            })
    }

    /// All tracks of a film are heard in one room, and films are heard in different ones.
    @Test func roomsAreTheFilms() throws {
        try Fixtures.withTemporaryFolder { folder in
            let values = try Self.studio(
                """
                local folder = "\(folder.path)"
                local recording = require "studio.recording"
                local random = kit.random { seed = 2 }
                local x, y = random:normal { 24000, 2 }, random:normal { 24000, 2 }
                local function heard(film, sound, most)
                  return recording.of(sound, recording.draw(kit.random { seed = film }, most))
                end
                local most = { level = 3, tone = 0.5, reverb = 0.6 }
                local function size(a) return a:abs():max():item() end
                kit.media.write_audio { path = folder .. "/room.wav", samples = kit.tensor.from { { 0, 0 }, { 0.5, 0.5 } } }
                local recorded = { level = 0, tone = 0, rooms = folder }
                local late = heard(1, x, recorded):slice(1, 2, 24000) / x:slice(1, 1, 23999)
                return size(heard(1, x + y, most) - heard(1, x, most) - heard(1, y, most)),
                  size(heard(1, x, most) - heard(2, x, most)), late:mean():item(), late:max():item() - late:min():item()
                """)
            let sizes = try values.map { try Double(option: $0) }
            #expect(sizes[0] < 1e-4 && sizes[1] > 0.1, "\(sizes)")
            // A recorded room that is a click one sample late, brought to an energy of 1 in each channel.
            #expect(abs(sizes[2] - 1) < 1e-3 && sizes[3] < 1e-2, "\(sizes)")
        }
    }

    /// The tracks of a film show what a swap changes and what it keeps.
    @Test(.enabled(if: hasSpeech)) func swapsChangeWhatTheySay() throws {
        try Fixtures.withTemporaryFolder { folder in
            let world = try Self.make(folder, "world", "use=swaps", "films=1", "seconds=3")
            let values = try LuaState().run(
                chunk: """
                    local film = kit.media.open { path = "\(world)/films/film-0001.mkv" }
                    local silent = film:audio("zxx")
                    local function power(language)
                      local apart = film:audio(language) - silent
                      return (apart * apart):mean():item() / (silent * silent):mean():item()
                    end
                    return power "eng", power "spa", power "qaa", power "qac", power "qab"
                    """)
            let power = try values.map { try Double(option: $0) }
            // Speech on top of the background; in pieces it is as loud as before; another background shares nothing.
            #expect(power[0] > 0.2 && power[1] > 0.2 && power[2] > 0.2)
            #expect(abs(log2(power[3] / power[0])) < 0.7)
            #expect(power[4] > power[0])
        }
    }

    @Test(.enabled(if: hasSpeech)) func spokenTasksHaveTheirLabels() throws {
        try Fixtures.withTemporaryFolder { folder in
            let world = try Self.make(folder, "world", "use=tasks", "films=20")
            let values = try LuaState().run(
                chunk: """
                    local counts = {}
                    for n, task in ipairs { "speaker", "manner", "keyword", "language" } do
                      counts[n] = #kit.dataset.hear { path = "\(world)/tasks/" .. task }:classes()
                    end
                    return table.unpack(counts)
                    """)
            #expect(try values.map { try Int(option: $0) } == [6, 4, 10, 4])
        }
    }

    /// Dubs may be in any of the known languages, spoken by recorded voices where there are any.
    @Test(.enabled(if: hasSpeech)) func languagesAndVoicesAreChosen() throws {
        try Fixtures.withTemporaryFolder { folder in
            let world = try Self.make(folder, "world", "films=1", "languages=deu,fin", "codec=flac")
            let values = try LuaState().run(
                chunk: """
                    local film = kit.media.open { path = "\(world)/films/film-0001.mkv" }
                    local languages = {}
                    for n, track in ipairs(film.tracks) do languages[n] = track.language .. " " .. track.codec end
                    return table.concat(languages, ",")
                    """)
            #expect(try String(option: values[0]) == "de flac,fi flac,zxx flac")
        }
        let voices = try Self.studio(
            """
            local names = {}
            for _, speaker in ipairs(require "studio.speakers") do
              for _, language in ipairs { "eng", "ita", "fin" } do
                local voice = speaker.recorded[language]
                assert(require "studio.engines"[voice.program], voice.program)
                names[#names + 1] = ("%s %s %d"):format(language, voice.name, voice.semitones or 0)
              end
            end
            return names
            """)
        // All speakers sound different in every language.
        #expect(Set(try [String](option: voices[0])).count == 18)
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flite")))
    func recordedVoicesFollowTheManner() throws {
        let values = try Self.studio(
            """
            local speech = require "studio.speech"
            local function said(semitones, rate, lift)
              local voice = { program = "flite", name = "slt", semitones = semitones }
              local sound = speech.say("She plays her music late in the evening.", voice,
                { rate = rate, pitch = 50, range = 50, lift = lift })
              return #sound / 48000, kit.media.median_pitch { samples = sound }
            end
            local length, pitch = said(0, 170, 0)
            local fast, high = said(0, 213, 10)
            local _, moved = said(-3, 170, 0)
            return length / fast, 12 * math.log(high / pitch, 2), 12 * math.log(moved / pitch, 2)
            """)
        let numbers = try values.map { try Double(option: $0) }
        #expect(
            abs(numbers[0] - 213.0 / 170) < 0.05 && abs(numbers[1] - 2) < 0.5 && abs(numbers[2] + 3) < 0.5, "\(numbers)"
        )
    }

    /// A click is where offset and drift put it.
    @Test func dubsAreMisplacedByWhatIsSaid() throws {
        let values = try Self.studio(
            """
            local dubbing = require "studio.dubbing"
            local function click(at, offset, drift)
              local before, after = kit.tensor.zeros { at, 2 }, kit.tensor.zeros { 96000 - at - 1, 2 }
              local track = kit.tensor.concat { before, kit.tensor.ones { 1, 2 }, after }
              local moved = dubbing.misplaced(track, offset, drift):abs():mean(2):values()
              local top = 1
              for n, value in ipairs(moved) do if value > moved[top] then top = n end end
              return top - 1, #moved
            end
            local late, length = click(24000, 0.1, 0)
            return late, length, (click(24000, -0.25, 0)), (click(48000, 0, 0.01)), (click(48000, 0.1, -0.01))
            """)
        let places = try values.map { try Int(option: $0) }
        #expect(places[0] == 28_800 && places[1] == 96_000 && places[2] == 12_000)
        // Rates are whole numbers of Hz, so a drift is met to 1 in 96 000.
        #expect(abs(places[3] - 48_480) <= 2 && abs(places[4] - (47_520 + 4_800)) <= 2)
    }

    @Test func theSampleFilmsHaveAManifest() throws {
        let path = Fixtures.repository.appendingPathComponent("samples/movies/labels.jsonl").path
        let sources = try Manifest.read(path)
        #expect(sources.count == 16)
        #expect(sources.allSatisfy { FileManager.default.fileExists(atPath: $0.mainPath) })
        let values = try LuaState().run(
            chunk: "return #kit.dataset.manifest { path = '\(path)', label = 'scene' }:classes()")
        #expect(try Int(option: values[0]) == 8)
    }

    @Test(arguments: [
        ("domain=vlogs", "key 'domain' must be film, vlog or ink, but is vlogs"),
        ("use=probe", "key 'use' must be training, tasks or swaps, but is probe"),
        ("height=33", "key 'height' must be an even number from 16 to 2160, but is 33"),
        ("speech=1.5", "key 'speech' must be 0 up to but not including 1, but is 1.5"),
        ("languages=eng,nld", "key 'languages' must be different ones of deu, eng, fin, fra, ita, jpn, spa"),
        ("voices=record", "recorded"),
        ("reverb=0.05", "key 'reverb' must be 0, or 0.1 to 10, but is 0.05"),
        ("dub_drift=0.5", "key 'dub_drift' must be -0.1 to 0.1, but is 0.5"),
        ("flims=3", "did you mean 'films'?"),
    ])
    func wrongKeysAreNamed(key: String, message: String) throws {
        let outcome = try Command.run(["run", "samples/make_world.lua", "--set", "out=/nowhere", "--set", key])
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
    }
}
