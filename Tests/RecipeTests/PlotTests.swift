import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// `kit.plot` as recipes call it.
@Suite struct PlotTests {
    /// The files that some calls write.
    private func files(_ chunk: String) throws -> [String: Data] {
        try Fixtures.withTemporaryFolder { folder in
            try LuaState().run(chunk: "local folder = '\(folder.path)/'\n\(chunk)", name: "@recipe.lua")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try Dictionary(
                uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
        }
    }

    @Test func everyPlotWritesPNGAndSVG() throws {
        let found = try files(
            """
            local x = kit.tensor.normal { 40, 32 }
            for _, kind in ipairs { "png", "svg" } do
              kit.plot.spectrogram(x, folder .. "spectrogram." .. kind, { step = 0.01 })
              kit.plot.waveform(x:select(2, 1), folder .. "waveform." .. kind, { sample_rate = 100, width = 200 })
              kit.plot.image(kit.tensor.uniform { 2, 9, 12, 3 }, folder .. "image." .. kind)
              kit.plot.scatter { x, path = folder .. "scatter." .. kind }
              kit.plot.curves({ 3, 2, 1.5, 1 }, folder .. "curves." .. kind, { names = { "loss" } })
            end
            """)
        #expect(found.count == 10)
        for (name, data) in found {
            if name.hasSuffix("png") {
                #expect(data.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "\(name)")
            } else {
                #expect(String(decoding: data, as: UTF8.self).hasPrefix("<svg "), "\(name)")
            }
        }
        // An image keeps its width and height: two images side by side with a gap of two.
        #expect(found["image.png"].map { Array($0[16..<24]) } == [0, 0, 0, 26, 0, 0, 0, 9])
        #expect(found["waveform.png"].map { Array($0[16..<24]) } == [0, 0, 0, 200, 0, 0, 0, 240])
        #expect(found["curves.svg"].map { String(decoding: $0, as: UTF8.self).contains(">loss</text>") } == true)
    }

    /// The mean is subtracted from a clip's frames, so they are shown from their smallest to their largest number.
    @Test func picturesOfAnyRangeAreShown() throws {
        let found = try files(
            """
            local dark = kit.tensor.zeros { 1, 4, 3 }
            local x = kit.tensor.concat { dark, dark + 1, dark + 0.5 }
            kit.plot.image(x, folder .. "as-is.png")
            kit.plot.image(x * 8 - 6, folder .. "wide.png")
            kit.plot.image(x * 0.5, folder .. "dark.png")
            kit.plot.image(x * 0.5, folder .. "stretched.png", { high = 0.5 })
            """)
        #expect(found["wide.png"] == found["as-is.png"])
        #expect(found["stretched.png"] == found["as-is.png"])
        #expect(found["dark.png"] != found["as-is.png"])
    }

    /// Numbers that no byte can be made of are shown as the nearest end of the range, and NaN as its lower end.
    @Test(arguments: ["4, 5", "4, 5, 1", "4, 5, 3", "2, 4, 5, 3"])
    func numbersWithoutALevelAreShownAsAnEnd(shape: String) throws {
        let found = try files(
            """
            local zeros = kit.tensor.zeros { \(shape) }
            local function show(name, x, options) kit.plot.image(x, folder .. name .. ".png", options or {}) end
            show("black", zeros, { low = 0, high = 1 })
            show("low above", zeros, { low = 3.25 })
            show("at low", zeros + 3.25, { low = 3.25 })
            show("low infinite", zeros, { low = math.huge })
            show("NaN", zeros * (0 / 0))
            show("-inf", zeros - math.huge)
            show("high below", zeros, { high = -3.25 })
            show("white", zeros + 1, { low = 0, high = 1 })
            show("inf", zeros + math.huge)
            """)
        #expect(found.count == 9)
        for name in ["low above", "at low", "low infinite", "NaN", "-inf", "high below"] {
            #expect(found["\(name).png"] == found["black.png"], "\(name)")
        }
        #expect(found["inf.png"] == found["white.png"])
        #expect(found["black.png"] != found["white.png"])
    }

    @Test(arguments: [
        ("kit.plot.image(kit.tensor.ones { 2, 2 }, nil, { low = 1, high = 0 })", "option 'high' must be above 'low'"),
        ("kit.plot.image(kit.tensor.ones { 2, 2, 2, 2, 2 })", "kit.plot.image: expected [height, width, 3]"),
        ("kit.plot.image(5)", "option 'x' must be a tensor or list of numbers, but is integer 5"),
        ("kit.plot.image()", "option 'x' (tensor or list of numbers) is required"),
        ("kit.plot.curves({ 1, 2 }, 'a.gif')", "option 'path' must end in .png or .svg, but is \"a.gif\""),
        ("kit.plot.curves({ 1, 2 }, 'none/a.png')", "cannot write none/a.png"),
        ("kit.plot.curves({ 1, 2 }, nil, { names = { 'a', 'b' } })", "must have 1 name, one for each curve, but has 2"),
        ("kit.plot.curves({ 1, 2 }, nil, { wdith = 3 })", "did you mean 'width'?"),
        ("kit.plot.curves({ 1, 2 }, nil, {}, 4)", "takes x, path and a table of options, but was given 4 arguments"),
        ("kit.plot.scatter(kit.tensor.ones { 3 })", "expected [points, 2]"),
        (
            "kit.plot.scatter(kit.tensor.ones { 3, 2 }, nil, { groups = { 'a' } })",
            "must have 3 names, one for each point, but has 1"
        ),
    ])
    func wrongUseIsExplained(call: String, words: String) throws {
        let error = #expect(throws: KitError.self) { try LuaState().run(chunk: call, name: "@recipe.lua") }
        #expect(
            error?.message.hasPrefix("recipe.lua:1: kit.plot.") == true && error?.message.contains(words) == true,
            "\(error?.message ?? "")")
    }

    @Test func thePathOfAWrittenFileIsGiven() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/a.svg"
            let outcome = try Command.run(["repl"], input: "kit.plot.curves({ 1, 2 }, '\(path)')\n")
            #expect(outcome.output == "\"\(path)\"\n" && outcome.status == 0, "\(outcome.output)")
        }
    }

    @Test func offATerminalNothingIsShown() throws {
        let outcome = try Command.run(["repl"], input: "kit.plot.image(kit.tensor.ones { 4, 4 })\n6 * 7\n")
        #expect(outcome.output == "42\n" && outcome.status == 0, "\(outcome.output)")
    }

    @Test func soundGoesToTheFirstPlayerFound() throws {
        try Fixtures.withTemporaryFolder { folder in
            let call = "kit.audio.play({ 0, 0.5, 0 }, 8000)\n6 * 7\n"
            let none = try Command.run(["repl"], input: call, environment: ["PATH": folder.path])
            #expect(none.output.contains("no player was found"), "\(none.output)")
            let player = folder.appendingPathComponent("aplay")
            try Data("#!/bin/sh\n/bin/cp \"$2\" '\(folder.path)/heard.wav'\n".utf8).write(to: player)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: player.path)
            let played = try Command.run(["repl"], input: call, environment: ["PATH": folder.path])
            #expect(played.output == "42\n", "\(played.output)")
            let heard = try MediaFile("\(folder.path)/heard.wav")
            #expect(heard.audioTracks.first?.sampleRate == 8000)
        }
    }
}
