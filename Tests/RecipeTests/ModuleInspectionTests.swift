import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Looking inside a network from a recipe: outputs, hooks, weights by name, frozen parts.
@Suite(.serialized) struct ModuleInspectionTests {
    private let lua: LuaState
    init() throws {
        lua = try LuaState()
        WeightSeed.reset(5)
        try lua.run(
            chunk: """
                layer = kit.layer
                net = layer.chain {
                  layer.linear { 3, 4 }, layer.batch_norm { 4 }, layer.activation { "relu" },
                  layer.chain { layer.linear { 4, 2 } },
                }
                x = kit.tensor.normal { 5, 3, seed = 1 }
                """)
    }

    @discardableResult
    private func run(_ chunk: String) throws -> [OptionValue] { try lua.run(chunk: chunk, name: "@recipe.lua") }

    private func message(_ chunk: String) -> String {
        let error = #expect(throws: KitError.self) { try run(chunk) }
        return error?.message ?? ""
    }

    @Test func innerOutputsAreFoundByPattern() throws {
        try run(
            """
            local found = net:outputs("[02]", x)
            assert(found["0"]:shape()[2] == 4 and found["2"]:min():item() >= 0)
            local names = {}
            for name in pairs(net:outputs(".*", x)) do names[#names + 1] = name end
            assert(#names == 5, #names)
            assert((net:outputs("3%.0", x)["3.0"] - net[4][1](found["2"])):abs():max():item() == 0)
            assert(#net == 4)
            """)
        #expect(
            message("net:outputs('3.00', x)")
                == "recipe.lua:1: Chain(Linear(3 -> 4), BatchNorm(4), ReLU, Chain(Linear(4 -> 2))): no module matches \"3.00\": did you mean '3.0'? (its parts are: 0, 1, 2, 3)"
        )
        #expect(message("net[1].weight = x").contains(#"cannot be set from Lua: write x:set("weight", values)"#))
        #expect(message("net:outputs('[', x)").contains("\"[\" is not a pattern"))
    }

    @Test func hooksSeeAndChangeOutputsAndGradients() throws {
        try run(
            """
            local seen = {}
            net:on_forward("0", function(name, output) seen[#seen + 1] = name return output * 0 end)
            net:on_gradient("3", function(name, gradient) seen[#seen + 1] = gradient:sum():item() return gradient * 2 end)
            local weight = net[4][1].weight
            net:eval()
            net(x):sum():backward()
            assert(seen[1] == "0" and seen[2] == 10)
            local doubled = net[4][1].bias.grad:sum():item()
            net:remove_hooks():zero_grad()
            net(x):sum():backward()
            assert(#seen == 2 and doubled == 2 * net[4][1].bias.grad:sum():item())
            """)
        #expect(
            message("net:on_forward('0', function() return 1 end) net(x)").contains(
                "must return a tensor or nothing for '0', but returned integer 1"))
        try run("net:remove_hooks()")
    }

    @Test func weightsAreSetAndReadByName() throws {
        try run(
            """
            net:set("0.bias", 3):set("1.running_mean", kit.tensor.ones { 4 })
            assert(net:state()["0.bias"]:sum():item() == 12 and net[2].running_mean:sum():item() == 4)
            """)
        #expect(message("net:set('0.bais', 1)").contains("has no parameter or buffer '0.bais': did you mean '0.bias'?"))
        #expect(message("net:set('0.bias', kit.tensor.ones { 5 })").contains("set: '0.bias'"))
        // Values that could be repeated along the other axes are not those of a weight.
        #expect(
            message("net:set('0.weight', kit.tensor.ones { net[1].weight:shape()[2] })").contains(
                ": expected this shape, or one number"))
    }

    @Test func frozenPartsAreNotTrainedNorCounted() throws {
        try run(
            """
            local all = net:parameter_count()
            net:freeze("[01]")
            assert(net:parameter_count() == 10 and all == 34)
            assert(tostring(net):find("34 parameters, 24 of them frozen", 1, true), tostring(net))
            local before = net[2].running_mean:sum():item()
            net(x):sum():backward()
            assert(net[2].running_mean:sum():item() == before and not net[1].weight.grad and net[4][1].weight.grad)
            net:unfreeze("1")
            net(x)
            assert(net[2].running_mean:sum():item() ~= before and net:parameter_count() == 18)
            net:freeze()
            assert(net:parameter_count() == 0)
            local moved = net[2].running_mean:sum():item()
            net(x)
            assert(net[2].running_mean:sum():item() ~= moved)   -- As in a momentum encoder.
            net:freeze(nil, true)
            moved = net[2].running_mean:sum():item()
            net(x)
            assert(net[2].running_mean:sum():item() == moved)
            local summary = kit.summary(net, { 1, 3 })
            assert(summary.trained == 0 and summary.parameters == 34)
            assert(summary:text():find("34 parameters (34 frozen)", 1, true), summary:text())
            """)
        #expect(message("net:freeze('nrom')").contains("no parameter matches \"nrom\""))
        #expect(message("net:freeze('2')").contains(": \"2\" has no parameters"))
    }

    @Test func weightsThatFitAreLoadedAndTheOthersListed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/net.safetensors"
            try run(
                """
                net:save("\(path)")
                local other = layer.chain {
                  layer.linear { 3, 4 }, layer.batch_norm { 5 }, layer.linear { 2, 2, bias = false },
                }
                local fit = other:load_matching("\(path)")
                assert(#fit.loaded == 3 and fit.loaded[1] == "0.weight" and fit.loaded[3] == "1.num_batches_tracked")
                assert(#fit.other_shape == 4 and fit.missing[1] == "2.weight" and #fit.missing == 1)
                assert(fit.unexpected[1] == "3.0.weight" and #fit.unexpected == 2)
                assert((other[1].weight - net[1].weight):abs():max():item() == 0)
                """)
            #expect(
                message("layer.lstm { 2, 2 }:load_matching('\(path)')").contains(
                    "none of its weights fits LSTM(2 -> 1x2, 1 layer)"))
        }
    }
}
