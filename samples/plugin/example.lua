--- Pulls two batches of embeddings together by gradient descent.
--
--   dubkit plugin build && dubkit run --plugin . example.lua

local kit = require "kit"
local cfg = kit.recipe { steps = 50, learning_rate = 1.0, seed = 7 }

local loss = kit.loss.soft_cosine { scale = 1 } -- help(kit.loss.soft_cosine)
local a = kit.tensor.normal { 8, 16, seed = cfg.seed }
local b = kit.tensor.normal { 8, 16, seed = cfg.seed + 1 }
for step = 1, cfg.steps do
  a = kit.tensor.from(a:values()) -- drops the graph of the previous step
  a:requires_grad()
  local value = loss(a, b)
  if step == 1 or step == cfg.steps then print(("step %d: %.4f"):format(step, value:item())) end
  value:backward()
  a = a - a.grad * cfg.learning_rate
end
