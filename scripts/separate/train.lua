--- Trains a separator on mixtures of speech and background, and writes its weights to a file.
---
---     dubkit run samples/make_stems.lua --set out=stems --set films=48
---     dubkit run scripts/separate/train.lua --set data=stems/stems.csv --set weights=unet.safetensors
local kit = require "kit"

local cfg = kit.recipe {
  data = { "stems/stems.csv", "table of speech and background files, as make_stems.lua writes it", from = "ours" },
  separator = { "mask_unet", "mask_unet or open_unmix", from = "ours" },
  weights = { "weights.safetensors", "file to write the weights to", from = "ours" },
  batch = { 8, "segments in a batch", from = "ours" },
  seconds = { 2.0, "length of a segment", from = "ours" },
  steps = { 300, "updates of the weights", from = "ours" },
  learning_rate = { 2e-3, "peak learning rate", from = "ours", was = "rate" },
  precision = {
    "float32", "arithmetic of the network: float32, or bfloat16 (half the memory, rounded factors)", from = "ours",
    choices = { "float32", "bfloat16" },
  },
  seed = { 7, "decides all randomness", from = "ours" },
}

local separator = kit.separator[cfg.separator] {}
local network = separator.network
local mixtures = kit.dataset.mixtures {
  path = cfg.data, batch = cfg.batch, seconds = cfg.seconds, sample_rate = separator.sample_rate, seed = cfg.seed,
}

local result = kit.train {
  data = mixtures, modules = { network = network }, steps = cfg.steps,
  optimizer = kit.optimizer.adamw { learning_rate = cfg.learning_rate }, schedule = kit.schedule.cosine {},
  clip_norm = 5, checkpoint_every = 100, precision = cfg.precision,
  step = function(batch)
    local mixture = separator:magnitudes(batch.background + batch.speech)
    local background = separator:magnitudes(batch.background)
    -- The error of each magnitude, as in Jansson et al. 2017.
    return { magnitude = (network(mixture) - background):abs():mean() }
  end,
}
-- A dry run has no folder.
if result.folder then network:save(cfg.weights) end
return result
