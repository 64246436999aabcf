import Kit
import LuaBridge
import Plugins
import Testing

/// `augmentation:apply(x, random)` in recipes.
@Suite struct AugmentationScriptTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    private func message(_ chunk: String) -> String {
        do { return "ran: \(try run(chunk).map(\.optionText))" } catch { return "\(error)" }
    }

    @Test func copiesOfEachKindAreChanged() throws {
        let values = try run(
            """
            local random = kit.random { seed = 3 }
            local function difference(a, b) return (a - b):abs():max():item() end
            local sound = random:normal { 4000, 2 } * 0.1
            local before = sound * 1
            local louder = kit.augmentation.gain { min = 6, max = 6 }:apply(sound, random)
            local frames = kit.tensor.ones { 2, 8, 8, 3 } * 0.5
            local jitter = kit.augmentation.colour_jitter { brightness = 0.9 }:apply(frames, kit.random { seed = 2 })
            local mel = random:normal { 100, 40, 1 }
            local masks = kit.augmentation.spec_augment { time_masks = 1, time_width = 50, mel_masks = 0 }
            return difference(louder, sound * 10 ^ (6 / 20)), difference(sound, before), difference(jitter, frames),
              difference(masks:apply(mel, kit.random { seed = 4 }), mel), frames:mean():item()
            """
        ).map { try Double(option: $0) }
        #expect(values[0] < 1e-6 && values[1] == 0, "\(values)")
        #expect(values[2] > 0.01 && values[3] > 0.01 && values[4] == 0.5, "\(values)")
    }

    /// The same numbers give the same change; the stream goes on behind it.
    @Test func randomNumbersDecide() throws {
        let values = try run(
            """
            local room = kit.augmentation.room_reverb { probability = 1, loudness = "energy" }
            local one, two = kit.random { seed = 1 }, kit.random { seed = 2 }
            local x, y = one:normal { 2000, 2 }, two:normal { 2000, 2 }
            local function room_of(seed, sound, rate) return room:apply(sound, kit.random { seed = seed }, rate) end
            local function size(a) return a:abs():max():item() end
            local linear = room_of(5, x + y * 3) - (room_of(5, x) + room_of(5, y) * 3)
            local random = kit.random { seed = 5 }
            room:apply(x, random)
            return size(linear), size(room_of(5, x) - room_of(5, x)), size(room_of(5, x) - room_of(6, x)),
              size(room:apply(x, random) - room_of(5, x)), size(room_of(5, x, 8000) - room_of(5, x)),
              (room_of(5, x) ^ 2):mean():item() / (x ^ 2):mean():item()
            """
        ).map { try Double(option: $0) }
        #expect(values[0] < 1e-4 && values[1] == 0, "\(values)")
        #expect(values[2] > 0.01 && values[3] > 0.01 && values[4] > 0.01, "\(values)")
        // An impulse response with an energy of 1 keeps the power of noise, but for the tail that is cut off.
        #expect(values[5] > 0.5 && values[5] < 1.2, "\(values)")
    }

    @Test func whatDoesNotFitIsNamed() {
        let gain = "kit.augmentation.gain {}:apply"
        #expect(
            message("\(gain)(kit.tensor.ones { 3, 4, 5 }, kit.random {})").contains(
                "apply: kit.augmentation.gain expects a sound [samples, channels], given [3, 4, 5]"))
        #expect(message("\(gain)(kit.tensor.ones { 3, 2 } / 0, kit.random {})").contains("all of them finite"))
        #expect(message("\(gain)(kit.tensor.ones { 3, 2 })").contains("random"))
        #expect(
            message("\(gain)(kit.tensor.ones { 3, 2 }, kit.random {}, 0)").contains(
                "argument 'sample_rate' must be 1 to 384000, but is 0"))
        #expect(
            message("kit.augmentation.random_resized_crop {}:apply(kit.tensor.ones { 1, 8, 8, 3 }, kit.random {})")
                .contains("chooses which part of a film's frames is read"))
        #expect(
            message("kit.augmentation.colour_jitter {}:apply(kit.tensor.ones { 1, 8, 8, 1 }, kit.random {})").contains(
                "expects frames [time, height, width, 3], given [1, 8, 8, 1]"))
    }
}
