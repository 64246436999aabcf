--- The cost of a contrastive step over a large batch with gradient caching (kit.recompute): X3D-M features, a head and
--- NT-Xent over the whole batch, with the activations of one chunk in memory at a time. The input alone takes 9.2 MiB
--- per clip.
---
---     dubkit run benchmarks/large_batch.lua --set batch=256 --set chunk=1
local kit = require "kit"

local cfg = kit.recipe {
  batch = { 256, "clips in the batch", from = "ours" },
  chunk = { 1, "clips whose activations are in memory at once; 0 for all", from = "ours" },
  steps = { 1, "steps", from = "ours" },
  seed = { 7, "decides all randomness", from = "ours" },
}

local video = kit.encoder.x3d { variant = "m" }
local head = kit.head.mlp { 2048, 1024, 128 }
local nt_xent = kit.loss.nt_xent { temperature = 0.1 }

local clips = kit.tensor.normal { cfg.batch, 16, 224, 224, 3, seed = cfg.seed }
-- Stands for the other view of the same clips, from an encoder that is not trained here.
local others = kit.tensor.normal { cfg.batch, 128, seed = cfg.seed + 1 }

--- The largest resident set of this process so far.
local function peak_memory()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+)") / 1024
end

for step = 1, cfg.steps do
  local begin = os.time()
  local features
  if cfg.chunk > 0 then
    features = kit.recompute { video, clips, chunk = cfg.chunk }
  else
    features = video(clips)
  end
  local loss = nt_xent(head(features), others)
  loss:backward()
  print(("step %d: loss %.4f, %d s"):format(step, loss:item(), os.time() - begin))
end
print(("peak memory %.0f MiB"):format(peak_memory()))
