import Kit
import LuaBridge
import Plugins
import Testing

/// Recipes of the previous version run as they are.
@Suite struct FormerNameTests {
    private func notices(_ chunk: String) throws -> [String] {
        let session = Session()
        try session.run { _ = try LuaState().run(chunk: chunk, name: "@recipe.lua") }
        return session[FormerNames.self].notices
    }

    @Test func optionsAndPluginsOfAnOldRecipeWork() throws {
        let notices = try notices(
            """
            local kit = require "kit"
            assert(tostring(kit.optimizer.adamw { rate = 0.5 }):find("learning_rate = 0.5", 1, true))
            assert(kit.augmentation.greyscale { chance = 1 })
            assert(tostring(kit.sampler.same_movie { k = 2 }):find("kit.sampler.same_film", 1, true))
            assert(tostring(kit.encoder.resnet18 { takes = "pictures" }))
            """)
        #expect(notices.count == 5)
        for former in ["'rate'", "'chance'", "kit.sampler.same_movie", "'takes'", "'pictures'"] {
            #expect(notices.contains { $0.contains(former) }, "\(former) of \(notices)")
        }
    }

    @Test func keysAndOptionsInLuaMayDeclareFormerNames() throws {
        let notices = try notices(
            """
            local kit = require "kit"
            kit.recipe { learning_rate = { 0.1, "of a step", from = "ours", was = "rate" } }
            local scaled = kit.define.schedule {
              name = "scaled", help = "A constant factor.",
              options = { factor = { 0.5, "The factor.", was = "share" } },
              factor = function(step, total, options) return options.factor end,
            }
            assert(kit.schedule.scaled { share = 0.25 }:factor(0, 10) == 0.25)
            """)
        #expect(
            notices.count == 1 && notices[0].hasPrefix("kit.schedule.scaled: option 'share' is now called 'factor'"))
    }

    @Test func helpAndCompletionShowTheNewNamesOnly() throws {
        let lua = try LuaState()
        for (asked, former) in [
            ("kit.optimizer.adamw", "  rate "), ("kit.augmentation.greyscale", "chance"), ("kit.train", "held_out"),
        ] {
            #expect(try !lua.help.text(asked: asked).contains(former), "\(asked)")
        }
        #expect(!Completer(lua).complete("kit.dataset.mov").candidates.map(\.text).contains("movies"))
    }
}
