import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// What recipes can change about training: groups, schedules, their own evaluations, early ends, accumulation.
@Suite(.serialized) struct TrainingOptionTests {
    /// A recipe that trains one linear layer on the sound of the sample films.
    private static func recipe(_ options: String, before: String = "") -> String {
        """
        local kit = require "kit"
        local films = kit.dataset.films {
          path = "samples/movies", video = false, tracks = { sound = "en" }, seconds = 1, held_out = 0.2,
        }
        local layer = kit.layer
        local net = layer.chain { layer.global_mean {}, layer.linear { 2, 4 }, layer.linear { 4, 3 } }
        local losses = {}
        \(before)
        result = kit.train {
          name = "options", modules = { net = net },
          step = function(batch) return ((net(batch.audio.sound) - 1) ^ 2):mean() end,
          \(options.contains("data = ") ? "" : "data = films:batches(kit.sampler.uniform { batch = 4 }),")
          \(options)
        }
        """
    }

    private func train(
        _ options: String, before: String = "", in folder: URL, _ look: (LuaState) throws -> Void = { _ in }
    ) throws {
        let session = Session()
        session.settings = RunSettings(runsFolder: folder.path, progress: .none, verbosity: -1)
        try session.run {
            let lua = try LuaState()
            try lua.run(chunk: Self.recipe(options, before: before), name: "@recipe.lua")
            try look(lua)
        }
    }

    private func failure(_ options: String, before: String = "") throws -> String {
        try Fixtures.withTemporaryFolder { folder in
            let error = #expect(throws: KitError.self) { try train(options, before: before, in: folder) }
            return error?.message ?? ""
        }
    }

    private func runFolder(_ root: URL) throws -> String {
        let names = try DiskFileSystem().names(in: "\(root.path)/options")
        return "\(root.path)/options/\(try #require(names.first))"
    }

    private func lines(_ root: URL) throws -> [String] {
        String(decoding: try DiskFileSystem().read("\(try runFolder(root))/metrics.jsonl"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test func groupsHaveTheirOwnRatesAndRules() throws {
        try Fixtures.withTemporaryFolder { folder in
            try train(
                """
                steps = 2, optimizer = kit.optimizer.sgd { learning_rate = 0.1, momentum = 0 },
                groups = {
                  { "net%.1%.bias", learning_rate = 0 },
                  { "net%.1", optimizer = kit.optimizer.adamw {}, learning_rate = 0.5, schedule = function() return 0 end },
                },
                """,
                before:
                    "first, bias, last = net[2].weight:detach() * 1, net[2].bias:detach() * 1, net[3].weight:detach() * 1; n = net",
                in: folder
            ) { lua in
                try lua.run(
                    chunk: """
                        assert((n[2].weight - first):abs():max():item() == 0 and (n[2].bias - bias):abs():max():item() == 0)
                        assert((n[3].weight - last):abs():max():item() > 0)
                        """)
            }
            let log = String(decoding: try DiskFileSystem().read("\(try runFolder(folder))/log.txt"), as: UTF8.self)
            #expect(log.contains("group \"net%.1\": 8 parameters, trained by kit.optimizer.adamw"), "\(log)")
        }
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, groups = { { 'nte' } }").contains(
                "'groups'[1]: no trained parameter matches \"nte\""))
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, groups = { { 'net' }, { 'net%.1' } }").contains(
                "'groups'[2]: all parameters that match \"net%.1\" belong to groups before it"))
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, groups = { { 'net', lr = 1 } }").contains(
                "unknown option 'lr': did you mean 'learning_rate'?"))
    }

    @Test func aScheduleMayBeAnyFunction() throws {
        try Fixtures.withTemporaryFolder { folder in
            try train(
                "steps = 3, optimizer = kit.optimizer.sgd { learning_rate = 0.5 }, schedule = function(step, total) return step / total end",
                in: folder)
            let rates = try lines(folder).map { line in try #require(line.firstMatch(of: #/"rate":([0-9.]+)/#)).1 }
            #expect(rates.map { Double($0) } == [0, 0.5 / 3, 1.0 / 3])
        }
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, schedule = function() return 'x' end").contains(
                "schedule: must return a number, but returned string \"x\""))
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, schedule = function() return -1 end").contains(
                "must be a number of 0 or more, but is -1"))
    }

    @Test func ownEvaluationsAreRecordedAndTheBestIsKept() throws {
        try Fixtures.withTemporaryFolder { folder in
            try train(
                """
                steps = 40, optimizer = kit.optimizer.adamw {},
                evaluate = { every = 2, run = function(step)
                  modes = (modes or "") .. tostring(net:parameter_count()) .. " "
                  return { score = scores[step // 2] or 0, nested = { step = step } }
                end },
                best = { "score", goal = "min", patience = 2 },
                """, before: "local scores = { 3, 1, 2, 5, 4, 0.5 }", in: folder
            ) { lua in
                // The best is the second; two worse ones later the run ends.
                try lua.run(chunk: "assert(result.steps == 8, result.steps)")
            }
            let run = try runFolder(folder)
            let files = DiskFileSystem()
            #expect(try files.names(in: "\(run)/best/checkpoints") == ["step-4"])
            #expect(
                try files.names(in: "\(run)/evaluation").sorted() == [2, 4, 6, 8].map { "evaluate-step-\($0).json" })
            let saved = String(decoding: try files.read("\(run)/evaluation/evaluate-step-4.json"), as: UTF8.self)
            #expect(
                saved.contains("\"score\" : 1") && saved.contains("\"nested/step\" : 4")
                    || saved.contains("\"score\":1"), "\(saved)")
            #expect(try RunStatus.read(run).state == .finished)
        }
        #expect(
            try failure(
                "steps = 1, optimizer = kit.optimizer.sgd {}, evaluate = { every = 1, run = function() return { a = 1 } end }, best = 'b'"
            ).contains("no evaluation gives 'b'"))
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, best = 'b'").contains(
                "option 'best' needs an evaluation"))
        #expect(
            try failure(
                "steps = 1, optimizer = kit.optimizer.sgd {}, evaluate = { every = 1, run = function() return 3 end }"
            ).contains("run must return a table of numbers by name, but returned integer 3"))
    }

    @Test func functionsAreCalledAndMayEndTheRun() throws {
        try Fixtures.withTemporaryFolder { folder in
            try train(
                """
                epochs = 5, optimizer = kit.optimizer.sgd {}, record_norms = true,
                on_step = function(info) calls[#calls + 1] = info.step return info.step == 3 end,
                on_end = function(info) calls[#calls + 1] = "end " .. info.step end,
                """, before: "calls = {}", in: folder
            ) { lua in try lua.run(chunk: "assert(table.concat(calls, ' ') == '1 2 3 end 3', table.concat(calls, ' '))")
            }
            #expect(try lines(folder).count == 3)
            #expect(try lines(folder).allSatisfy { $0.contains("\"norms\":{\"net\":{") })
        }
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, on_step = function() return 1 end").contains(
                "on_step: must return true to end the run, or nothing, but returned integer 1"))
    }

    /// Two batches of half the size have the gradient of one batch, if the loss is a mean over clips.
    @Test func accumulatedGradientsAreTheMean() throws {
        func weights(_ options: String) throws -> [Double] {
            try Fixtures.withTemporaryFolder { folder in
                var values: [Double] = []
                try train(
                    "steps = 1, optimizer = kit.optimizer.sgd { learning_rate = 0.1, momentum = 0 }, \(options)",
                    before: "n = net", in: folder
                ) { lua in
                    values = try lua.run(chunk: "return n[3].bias[1]:item(), n[3].bias[2]:item()").map {
                        try Double(option: $0)
                    }
                }
                return values
            }
        }
        let whole = try weights("data = films:batches(kit.sampler.sequential { batch = 4 })")
        let halves = try weights("data = films:batches(kit.sampler.sequential { batch = 2 }), accumulate = 2")
        for (one, other) in zip(whole, halves) { #expect(abs(one - other) < 1e-5, "\(whole) \(halves)") }
    }

    /// Curves go to the recipe's own log, too, and a board shows more than curves.
    @Test func stepsAreLoggedAndShown() throws {
        try Fixtures.withTemporaryFolder { folder in
            try train(
                """
                steps = 2, optimizer = kit.optimizer.sgd { learning_rate = 0.1 }, record_weights = 2,
                log = function(step, values) logged[#logged + 1] = step .. ":" .. tostring(values["loss/train"] or values["evaluate/one"]) end,
                evaluate = { every = 2, run = function(step, board) board:text("note", "at " .. step) return { one = 1 } end },
                on_step = function(info, board) board:image("weights", net[2].weight) end,
                on_end = function(info, board) shown = tostring(board) end,
                """, before: "logged = {}", in: folder
            ) { lua in
                let logged = try #require([String](option: try lua.run(chunk: "return logged")[0]))
                #expect(logged.count == 3 && logged[0].hasPrefix("1:") && logged[2] == "2:1.0", "\(logged)")
                let shown = try String(option: try lua.run(chunk: "return shown")[0])
                // Four parameters, at the second of two steps.
                #expect(shown.hasPrefix("TensorBoard: 4 histograms, 2 images; "), "\(shown)")
            }
        }
        #expect(
            try failure("steps = 1, optimizer = kit.optimizer.sgd {}, record_weights = 0,")
                .contains("option 'record_weights' must be 1 or more, but is 0"))
    }
}
