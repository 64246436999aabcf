-- Tests what is special to this loss.
-- `dubkit plugin test` also checks what holds for every loss: gradients, shapes, options.
local kit = require "kit"

local a = kit.tensor.from { { 3, 0 }, { 0, 2 } }
local b = kit.tensor.from { { 0, 1 }, { 0, 5 } }
-- Cosines 0 and 1.
assert(math.abs(kit.loss.soft_cosine {} (a, b):item() - 0.5) < 1e-6)
assert(math.abs(kit.loss.soft_cosine { scale = 4 } (a, b):item() - 2) < 1e-6)
assert(math.abs(kit.loss.soft_cosine {} (a, a):item()) < 1e-6)
