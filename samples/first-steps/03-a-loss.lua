--- First steps, 3: a loss, written in Lua.
--
--   dubkit run samples/first-steps/03-a-loss.lua
--
-- SimCLR's loss (Chen et al. 2020, equation 1) asks: among all other views of a batch, which one shows the same clip?

local kit = require "kit"

--- a, b: [batch, features], two views of the same clips in the same order.
local function nt_xent(a, b, temperature)
  local batch = #a
  local views = kit.tensor.concat { a, b }:normalize() -- [2 batch, features], unit vectors
  local similarity = views:matmul(views:transpose()) / temperature -- [2 batch, 2 batch], cosines
  -- A view does not compete with itself: its own place gets a similarity that e^x makes 0.
  local itself = kit.tensor.linspace { start = 1, stop = 2 * batch, count = 2 * batch }
  local diagonal = itself:reshape { -1, 1 }:equal(itself)
  local chances = (similarity - diagonal * 1e9):log_softmax()
  -- The right answer for view i is the other view of its clip.
  local partner = {}
  for i = 1, batch do partner[i], partner[batch + i] = batch + i, i end
  return -chances:pick(partner):mean()
end

local a = kit.tensor.normal { 8, 32, seed = 1 }:requires_grad()
local noise = kit.tensor.normal { 8, 32, std = 0.5, seed = 2 }

-- The kit has this loss as a native plugin, which is faster and avoids the large matrix. Both agree.
local native = kit.loss.nt_xent { temperature = 0.1 }
print("in Lua   ", nt_xent(a, a + noise, 0.1):item())
print("in Swift ", native(a, a + noise):item())

-- For unrelated views the loss is about the logarithm of the number of candidates.
print("unrelated", nt_xent(a, kit.tensor.normal { 8, 32, seed = 3 }, 10):item(), "ln 15 =", math.log(15))

-- Gradients flow through both; `help(kit.loss)` lists the losses, `help(kit.loss.nt_xent)` explains this one.
nt_xent(a, a + noise, 0.1):backward()
print("gradient", a.grad)
