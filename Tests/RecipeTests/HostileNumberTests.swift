import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Numbers in a recipe that no machine can use: the message names them, and the recipe can continue.
@Suite(.serialized) struct HostileNumberTests {
    @Test(arguments: [
        ("kit.head.mlp { 1 << 23, 1 << 23 }", "kit.head.mlp: not enough memory: a tensor needs 281474976710656 bytes"),
        ("kit.head.mlp { 1 << 62, 1 << 62 }", "option 'widths' must list at least two widths of 1 to 16777216"),
        (
            "kit.encoder.small_audio { features = 1 << 53 }",
            "option 'features' must be 1 to 16777216, but is 9007199254740992"
        ),
        (
            "kit.tensor.zeros { 0 }:reshape { 1 << 62, 4 }",
            "0 elements of shape [0] do not fill shape [4611686018427387904, 4]"
        ),
        ("kit.tensor.zeros { 0 }:reshape { 1 << 62, 4, 0 }", "does not fit into this machine's memory"),
        ("kit.tensor.zeros { 0, 1 << 40 }:sum(1)", "not enough memory: a tensor needs 4398046511104 bytes"),
        ("kit.tensor.zeros { 1 << 30, 0 }:values()", "1,073,741,824 values or lists"),
        ("kit.schedule.cosine { warmup = 1 }:factor(0, math.maxinteger) + {}", "attempt to perform arithmetic"),
        ("kit.plot.spectrogram({ { 1, 2 } }, 'x.png', { step = -1 })", "option 'step' must be above 0, but is -1.0"),
        (
            "kit.plot.waveform({ 1, 2 }, 'x.png', { sample_rate = 0 })",
            "option 'sample_rate' must be above 0, but is 0.0"
        ),
        (
            "kit.separator.center {}:separate(kit.tensor.zeros { 10, 2 }, -1)",
            "expected a sample rate of 1000 to 768000 Hz, given -1"
        ),
    ])
    func isAnErrorThatSaysSo(expression: String, message: String) throws {
        let lua = try LuaState()
        let error = #expect(throws: KitError.self) { try lua.run(chunk: "return \(expression)") }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        let rest = try lua.run(chunk: "return (kit.tensor.ones { 2 } * 3):sum():item()")
        #expect(rest.first?.optionText == "6.0")
    }

    /// A tensor without items can state any number of classes, so nothing may be made for each class before the
    /// items are counted.
    @Test func noItemsHaveNoScore() throws {
        let metrics = PluginRegistry.shared.all.filter { $0.type is any Metric.Type }.map(\.name)
        #expect(!metrics.isEmpty)
        for name in metrics {
            for classes in ["0", "2", "2^40 | 0"] {
                let error = #expect(throws: KitError.self) {
                    try LuaState().run(chunk: "kit.metric.\(name) {} (kit.tensor.zeros { 0, \(classes) }, {})")
                }
                #expect(error?.message.contains("there are no items to score: scores are [0, ") == true, "\(name)")
            }
        }
    }

    @Test func reductionsOfNothingAreWhatTheyAreOfNothing() throws {
        let text = """
            local x = kit.tensor.zeros { 1 << 40, 0 }:transpose()
            return #x:sum(2), x:max(2):shape()[1], kit.tensor.zeros({ 3, 0, 5 }):sum(2):sum():item()
            """
        #expect(try LuaState().run(chunk: text).map(\.optionText) == ["0", "0", "0.0"])
    }

    @Test func numbersThatAreNoneGoInAndOut() throws {
        let text = "local x = kit.tensor.from { 0 / 0, 1 / 0 }:values() return x[1] ~= x[1], x[2] == math.huge"
        #expect(try LuaState().run(chunk: text).map(\.optionText) == ["true", "true"])
    }

    @Test func placesBeyondAFilmAreNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            try FilmFiles.write(path, seconds: 2, languages: ["en"])
            let lua = try LuaState()
            try lua.setGlobal("path", .string(path))
            for (call, message) in [
                ("film:frames(0, 1e18, 8)", "film.mkv: a clip of 1e+18 s at 0.000 s is beyond the end"),
                ("film:frames(1e300, 1, 8)", "a clip of 1.000 s at 1e+300 s is beyond the end"),
                (
                    "film:frames(0, 1, 100000, 8192, 8192)",
                    "not enough memory: a clip of 100,000 frames of 8192 x 8192 needs"
                ),
                ("film:audio('en', 1e300, 1)", "a clip of 1.000 s at 1e+300 s is beyond the end"),
                ("films:clip(math.mininteger)", "there is no such clip: the dataset has clips 1 to 4"),
                ("films:clip(math.maxinteger)", "there is no such clip"), ("films:clip(0)", "there is no such clip"),
            ] {
                let error = #expect(throws: KitError.self) {
                    try lua.run(
                        chunk: """
                            local film = kit.media.open { path = path }
                            local films = kit.dataset.films { path = path, seconds = 0.5, held_out = 0 }
                            return \(call)
                            """)
                }
                #expect(error?.message.contains(message) == true, "\(call): \(error?.message ?? "")")
            }
        }
    }
}
