--- First steps, 8: a plugin of your own, written in Lua.
--
--   dubkit run samples/first-steps/08-a-plugin.lua

local kit = require "kit"

-- A definition: a name, a sentence, options with their defaults, and a function. From here on `kit.loss.margin` is like
-- any other plugin, with checked options, help, and completion at the prompt.
kit.define.loss {
  name = "margin",
  help = "Hinge of cosine similarities: each row of a is to be nearer to its own row of b than to the next one.",
  reference = "Triplet loss with one negative, as in Schroff et al. 2015 (FaceNet), on cosines.",
  options = {
    margin = { 0.2, "By how much it is to be nearer.", range = { 0, 2 }, from = "ours" },
    reduction = { "mean", "How the rows are put together.", choices = { "mean", "sum" }, from = "ours" },
  },
  forward = function(a, b, options)
    local x, y = a:normalize(), b:normalize()
    local next_y = kit.tensor.concat { y:slice(1, 2), y:slice(1, 1, 1) }
    local hinge = ((x * next_y):sum(2) - (x * y):sum(2) + options.margin):relu()
    return options.reduction == "mean" and hinge:mean() or hinge:sum()
  end,
}
help(kit.loss.margin)

local a, b = kit.tensor.normal { 6, 8, seed = 1 }, kit.tensor.normal { 6, 8, seed = 2 }
local margin = kit.loss.margin { margin = 0.5 }
print(margin, margin(a, b):item())

-- Wrong options are refused, as for a native plugin.
print(select(2, pcall(kit.loss.margin, { margn = 0.5 })))

-- The same checks as for the kit's own plugins: gradients against finite differences, shapes, options, documentation.
print(kit.check(kit.loss.margin))

-- Schedules, samplers, metrics and augmentations are defined the same way: docs/guide/lua-plugins.md.
kit.define.schedule {
  name = "line", help = "A straight line from 1 down to 0.",
  factor = function(step, total) return 1 - step / total end,
}
print("half way", kit.schedule.line {}:factor(50, 100))
