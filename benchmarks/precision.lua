-- What computing in bfloat16 saves and costs: an encoder's training step, its peak memory, its time, and how far the
-- gradients differ from those in float32, relative in norm: over all parameters, for the layers that differ most, and
-- the median of each stage.
--
--     dubkit run benchmarks/precision.lua --set encoder=x3d --set batch=4
local kit = require "kit"

local cfg = kit.recipe {
  encoder = {
    "x3d", "x3d (variant m, 16x224x224), resnet50 or acoustic_resnet50 (280x96x2), mvitv2_video (S, 16x224x224) or "
      .. "mvitv2_audio (S, 288x96x1)",
    from = "ours",
    choices = { "x3d", "resnet50", "acoustic_resnet50", "mvitv2_video", "mvitv2_audio" },
  },
  batch = { 4, "clips in the batch", from = "ours" },
  layers = { 8, "layers to show", from = "ours" },
  seed = { 7, "decides all randomness", from = "ours" },
}

local made = {
  x3d = { { 16, 224, 224, 3 }, function() return kit.encoder.x3d { variant = "m" } end },
  resnet50 = { { 280, 96, 2 }, function() return kit.encoder.resnet50 {} end },
  acoustic_resnet50 = { { 280, 96, 2 }, function() return kit.encoder.acoustic_resnet50 {} end },
  mvitv2_video = {
    { 16, 224, 224, 3 }, function() return kit.encoder.mvitv2 { modality = "video", drop_path = 0 } end,
  },
  mvitv2_audio = {
    { 288, 96, 1 }, function() return kit.encoder.mvitv2 { modality = "audio", drop_path = 0 } end,
  },
}
local size, make = table.unpack(made[cfg.encoder])
local encoder = make()
local clips = kit.tensor.normal { seed = cfg.seed, cfg.batch, table.unpack(size) }
-- The gradient of the output's product with random numbers: every direction of the features counts.
local weights

--- The largest resident set of this process so far.
local function peak_memory()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+)") / 1024
end

--- The gradients of one step, by parameter name, and the features.
local function step(name, forward)
  local features, begin
  -- The first pass allocates memory, which costs more than the rest.
  for _ = 1, 3 do
    encoder:zero_grad()
    begin = os.clock()
    features = forward()
    weights = weights or kit.tensor.normal { seed = cfg.seed + 1, table.unpack(features:shape()) }
    ;(features * weights):sum():backward()
  end
  print(("%-17s %.2f s of processor time, peak memory %.0f MiB"):format(name, os.clock() - begin, peak_memory()))
  local gradients = {}
  for key, parameter in pairs(encoder:parameters()) do gradients[key] = parameter.grad end
  return gradients, features:detach()
end

--- The squared norms of a difference and of the second tensor.
local function squares(given, expected)
  return ((given - expected) ^ 2):sum():item(), (expected ^ 2):sum():item()
end

-- The smaller peaks first, since the system reports only the largest so far.
local narrow, narrow_features = step("bfloat16", function()
  return kit.autocast { function() return encoder(clips) end }
end)
local wide, wide_features = step("float32", function() return encoder(clips) end)

--- The median of a list of numbers, which it sorts.
local function median(numbers)
  table.sort(numbers)
  return numbers[#numbers // 2 + 1]
end

--- The stage of a parameter: blocks.3 of an X3D, layer2 of a ResNet.
local function stage_of(name)
  return name:match "^blocks%.%d+" or name:match "^[^.]+"
end

local norm = 0
for _, gradient in pairs(wide) do norm = norm + (gradient ^ 2):sum():item() end
local layers, stages, names, difference = {}, {}, {}, 0
for key, gradient in pairs(wide) do
  local d, n = squares(narrow[key], gradient)
  difference = difference + d
  -- Where the gradient is 0 but for rounding, there is no relative error: behind a normalisation whose factors start at
  -- zero, and in the biases of keys, which attention cancels.
  if n > 1e-14 * norm then
    local stage = stage_of(key)
    if not stages[stage] then
      stages[stage], names[#names + 1] = {}, stage
    end
    layers[#layers + 1] = { name = key, error = (d / n) ^ 0.5 }
    table.insert(stages[stage], (d / n) ^ 0.5)
  end
end
local d, n = squares(narrow_features, wide_features)
print(("features differ by %.3f %% of their norm, gradients by %.3f %%"):format(
  100 * (d / n) ^ 0.5, 100 * (difference / norm) ^ 0.5))
table.sort(layers, function(a, b) return a.error > b.error end)
for i = 1, math.min(cfg.layers, #layers) do
  print(("  %-50s %6.2f %%"):format(layers[i].name, 100 * layers[i].error))
end
table.sort(names)
print "median by stage, of parameters with a gradient"
for _, name in ipairs(names) do print(("  %-50s %6.2f %%"):format(name, 100 * median(stages[name]))) end
