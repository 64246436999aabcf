import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// What the picture of a world tells of the speech: its doses, and the script that measures it.
@Suite struct PictureTests {
    /// Runs Lua that can require the studio's modules.
    private static func studio(_ chunk: String) throws -> [OptionValue] {
        let samples = Fixtures.repository.appendingPathComponent("samples").path
        return try LuaState().run(chunk: "package.path = '\(samples)/?.lua'\n\(chunk)", name: "@studio.lua")
    }

    @Test func lipsMoveAsMuchAtAnyDose() throws {
        let values = try Self.studio(
            """
            local kit, doses = require "kit", require "studio.doses"
            local mouth = {}
            for n = 1, 40 do mouth[n] = math.sin(n / 3) ^ 2 end
            local x = kit.tensor.from(mouth)
            local function like(share)
              local y = kit.tensor.from(doses.lips(mouth, share, kit.random { seed = 4 }))
              local a, b = x - x:mean(), y - y:mean()
              return (a * b):sum():item() / ((a * a):sum():item() * (b * b):sum():item()) ^ 0.5
            end
            local none = doses.lips(mouth, 0, kit.random { seed = 4 })
            table.sort(none)
            local sorted = { table.unpack(mouth) }
            table.sort(sorted)
            local same = true
            for n = 1, 40 do same = same and none[n] == sorted[n] end
            return doses.lips(mouth, 1) == mouth, same, like(0.9), like(0.5), like(0)
            """)
        #expect(try Bool(option: values[0]))
        #expect(try Bool(option: values[1]))
        let like = try values[2...].map { try Double(option: $0) }
        #expect(like[0] > like[1] && like[1] > like[2] && like[0] > 0.9, "\(like)")
    }

    @Test func figuresAndSignsFollowTheirDose() throws {
        let values = try Self.studio(
            """
            local kit, doses = require "kit", require "studio.doses"
            local random = kit.random { seed = 1 }
            local list, own, right = { "a", "b", "c", "d" }, 0, 0
            for n = 1, 1000 do
              if doses.face("a", list, 0.6, random) == "a" then own = own + 1 end
              local said = { { start = 0, stop = 1, line = { phrase = 3 } } }
              local shown = doses.topic(said, 0.6, 10, function(phrase) return phrase end, random)
              if shown[1].sign == 3 then right = right + 1 end
            end
            return own, right, #doses.topic({ {} }, 0), doses.face("a", list, 1)
            """)
        // 0.6 and what chance adds: a quarter or a tenth of the rest.
        let (own, right) = (try Int(option: values[0]), try Int(option: values[1]))
        #expect(abs(own - 700) < 60 && abs(right - 640) < 60, "\(own) \(right)")
        #expect(try Int(option: values[2]) == 0)
        #expect(try String(option: values[3]) == "a")
    }

    /// Films whose square is as bright as the speech is loud, and red or blue as the voice is.
    private static let films = """
        local kit = require "kit"
        local random, lines = kit.random { seed = 3 }, {}
        for number = 1, 16 do
          local voice, path = number % 2 == 0 and "Ada" or "Bruno", ("film-%02d.mkv"):format(number)
          local writer <close> = kit.media.film_writer {
            path = OUT .. "/" .. path, width = 32, height = 32, frame_rate = 8, rate_factor = 0,
            tracks = { "en", "zxx" }, codec = "flac",
          }
          local mouth, sound = {}, {}
          for n = 1, 8 do
            mouth[n] = random:uniform()
            local colour = voice == "Ada" and { 1, 0, 0 } or { 0, 0, 1 }
            writer:frame(kit.tensor.ones { 32, 32, 1 } * kit.tensor.from(colour) * mouth[n])
            sound[n] = (random:normal { 6000, 2 } * 0.1):clamp(-0.3, 0.3) * mouth[n]
          end
          writer:audio("en", kit.tensor.concat(sound))
          writer:audio("zxx", kit.tensor.zeros { 48000, 2 })
          writer:close()
          lines[number] = require("studio.json").encode {
            path = path, labels = {
              seconds = 1, speaker = voice, speech = { { keyword = { eng = number % 4 < 2 and "water" or "train" } } },
              seen = {
                frame_rate = 8, mouth = mouth, speaker = voice, signs = { { sign = number % 4 < 2 and 1 or 2 } },
              },
            },
          } .. "\\n"
        end
        kit.write_text { path = OUT .. "/manifest.jsonl", text = table.concat(lines) }
        """

    @Test func whatThePictureTellsIsFound() throws {
        try Fixtures.withTemporaryFolder { folder in
            let made = try Command.run([
                "repl", "-e", "OUT = '\(folder.path)'\npackage.path = 'samples/?.lua'\n\(Self.films)",
            ])
            try #require(made.status == 0, "\(made.errors)")
            let outcome = try Command.run([
                "run", "scripts/study/picture.lua", "data=\(folder.path)", "sizes=16", "rates=8",
                "out=\(folder.path)/figures.json",
            ])
            try #require(outcome.status == 0, "\(outcome.errors)")
            let figures = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: folder.appendingPathComponent("figures.json"))) as? [String: Any])
            let bound = try #require(figures["bound"] as? [String: Any])
            #expect(bound["voice"] as? Double == 1 && bound["word"] as? Double == 1)
            let mouth = try #require((bound["loudness"] as? [[String: Any]])?.first?["explained"] as? Double)
            let row = try #require((figures["rows"] as? [[String: Any]])?.first)
            #expect(mouth > 0.95 && (row["loudness"] as? Double ?? 0) > 0.9, "\(mouth) \(row)")
            #expect(row["voice"] as? Double == 1, "\(row)")
        }
    }
}
