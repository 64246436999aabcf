-- What keeping activations in bfloat16 until backward saves and costs: an encoder's training step with and without it,
-- its peak memory, its time, and how far the gradients differ, relative in norm over all parameters.
--
--     dubkit run benchmarks/saved_activations.lua --set encoder=x3d --set batch=4
local kit = require "kit"

local cfg = kit.recipe {
  encoder = { "x3d", "x3d (variant m, 16x224x224), resnet50 or acoustic_resnet50 (280x96x2)", from = "ours" },
  batch = { 4, "clips in the batch", from = "ours" },
  seed = { 7, "decides all randomness", from = "ours" },
}

local made = {
  x3d = { { 16, 224, 224, 3 }, function() return kit.encoder.x3d { variant = "m" } end },
  resnet50 = { { 280, 96, 2 }, function() return kit.encoder.resnet50 {} end },
  acoustic_resnet50 = { { 280, 96, 2 }, function() return kit.encoder.acoustic_resnet50 {} end },
}
local size, make = table.unpack(made[cfg.encoder]
  or error(("key 'encoder' must be x3d, resnet50 or acoustic_resnet50, but is '%s'"):format(cfg.encoder), 0))
local encoder = make()
local clips = kit.tensor.normal { seed = cfg.seed, cfg.batch, table.unpack(size) }
-- The gradient of the output's product with random numbers: every direction of the features counts.
local weights

--- The largest resident set of this process so far.
local function peak_memory()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+)") / 1024
end

--- The gradients of one step, by parameter name.
local function step(name, forward)
  local objective, begin
  -- The first pass allocates memory, which costs more than the rest.
  for _ = 1, 2 do
    encoder:zero_grad()
    begin = os.clock()
    local features = forward()
    weights = weights or kit.tensor.normal { seed = cfg.seed + 1, table.unpack(features:shape()) }
    objective = (features * weights):sum()
    objective:backward()
  end
  print(("%-9s %.2f s of processor time, peak memory %.0f MiB"):format(name, os.clock() - begin, peak_memory()))
  local gradients = {}
  for key, parameter in pairs(encoder:parameters()) do gradients[key] = parameter.grad end
  return gradients, objective:item()
end

-- The smaller peak first, since the system reports only the largest so far.
local narrow, narrow_objective = step("bfloat16", function()
  return kit.save_in_bfloat16 { function() return encoder(clips) end }
end)
local wide, wide_objective = step("float32", function() return encoder(clips) end)

local difference, norm = 0, 0
for key, gradient in pairs(wide) do
  difference = difference + ((gradient - narrow[key]) ^ 2):sum():item()
  norm = norm + (gradient ^ 2):sum():item()
end
print(("gradients differ by %.3f %% of their norm, results %s"):format(
  100 * (difference / norm) ^ 0.5, narrow_objective == wide_objective and "in no bit" or "too"))
