import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// `scripts/pretrain/cav_mae.lua` against PyTorch, and the use of its run.
@Suite(.serialized) struct CAVMAETests {
    private static let recipe = "scripts/pretrain/cav_mae.lua"

    /// The recipe runs with a `kit` whose data, masks and training are this test's.
    private static func harness(form: String) -> String {
        """
        local kit = require "kit"
        local batches = { split = function(self) return self end, batches = function() end }
        package.loaded.kit = setmetatable({
          recipe = function(keys)
            local cfg = {}
            for name, key in pairs(keys) do cfg[name] = type(key) == "table" and key[1] or key end
            cfg.form = "\(form)"
            return cfg
          end,
          dataset = { films = function() return batches end },
          evaluate = { retrieval = function() end },
          token_mask = function(options)
            return kit.token_mask { tokens = options.tokens, places = table.remove(masks, 1) }
          end,
          train = function(options) training = options end,
        }, { __index = kit })
        """
    }

    @Test func termsAndGradientsEqualPyTorchs() throws {
        for each in try Oracle("cav_mae").cases("cav_mae") {
            let form = try each.string("form")
            let lua = try LuaState()
            try lua.run(chunk: Self.harness(form: form), name: "@harness.lua")
            try lua.run(file: "\(Fixtures.repository.path)/\(Self.recipe)")
            let modules = try lua.run(
                chunk: "local m = training.modules return m.audio, m.video, m.decoder", name: "@modules.lua")
            // All have the layers of the joint block, and the last one's values count.
            let named = try zip(["audio", "video", "decoder"], modules).map { name, value in
                (name: name, module: try ObjectOption<Module>(option: value).object)
            }
            for (name, module) in named { try FormulaWeights.fill(module, prefix: "\(name).") }
            let views = form == "dub" ? ["audio", "video", "dub"] : ["audio", "video"]
            let batch = each["audio"].shape[0]
            let masks = try views.map { view in
                let places = try each.ints("seen_\(view)")
                return stride(from: 0, to: places.count, by: places.count / batch).map { first in
                    "{ \(places[first..<first + places.count / batch].map(String.init).joined(separator: ", ")) }"
                }
            }
            let lists = masks.map { "{ \($0.joined(separator: ", ")) }" }.joined(separator: ",\n")
            try lua.run(chunk: "masks = { \(lists) }", name: "@masks.lua")
            let function = try #require(
                try lua.run(
                    chunk: "return function(a, v, d) return training.step { "
                        + "ids = { 1, 2, 3 }, video = v, audio = { primary = a, secondary = d } } end",
                    name: "@step.lua"
                ).first)
            let step = try ObjectOption<any ScriptFunction>(option: function).object
            guard case .table(let terms) = try step.call(views.map { .object(each[$0]) }) else {
                Issue.record("no terms")
                return
            }
            #expect(terms.named.map(\.key).sorted() == (try each.strings("terms").sorted()))
            var total = Tensor(0)
            for (name, value) in terms.named {
                let term = try ObjectOption<Tensor>(option: value).object
                each.expect(term, name, within: 5e-5)
                total = try total + term
            }
            try total.backward()
            for name in try each.strings("gradients") {
                let entries = named.flatMap { $0.module.stateEntries(prefix: "\($0.name).") }
                let entry = try #require(entries.first { $0.name == name })
                each.expect(try entry.stored(#require(entry.tensor.grad)), name, within: 1e-4)
            }
        }
    }

    @Test func itIsShort() throws {
        let text = try String(contentsOfFile: "\(Fixtures.repository.path)/\(Self.recipe)", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.count { !$0.isEmpty && !$0.hasPrefix("--") } < 90)
    }

    /// The joint block is trained once, saved with both towers, and loaded again with each.
    @Test func aRunOfTheDubFormIsResumedAndEmbedded() throws {
        try Fixtures.withTemporaryFolder { folder in
            let runs = "\(folder.path)/runs"
            let keys = ["form=dub", "batch=4", "held_out=0"].flatMap { ["--set", $0] }
            let outcome = try Command.run(
                ["run", Self.recipe, "--runs", runs, "--progress", "none", "--set", "steps=2"] + keys)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let run = try RunFolder.find("\(runs)/cav_mae", having: ModelFacts.fileName, DiskFileSystem())
            let weights = try SafetensorsFile("\(run)/latest/model.safetensors")
            let both = try ["audio", "video"].map {
                try weights.tensor("\($0).path.0.intermediate.dense.weight").values
            }
            #expect(both[0] == both[1])
            let resumed = try Command.run(["resume", run, "--progress", "none", "steps=3"])
            #expect(resumed.status == 0, "\(resumed.errors)")
            let embedded = try Command.run([
                "embed", "samples/movies/film-001.mp4", "--run", run, "--out", "\(folder.path)/features",
            ])
            #expect(embedded.status == 0, "\(embedded.errors)")
        }
    }
}
