--- Supervised fine-tuning of a trained encoder: classes of a manifest's label, lower rates for earlier layers, the best
--- checkpoint by held-out accuracy, and an early end.
---
---     dubkit run scripts/examples/finetune.lua weights=audio.safetensors
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies/labels.jsonl", help = "manifest of sources with labels" },
  label = { "manner", help = "the label that is the class" },
  weights = { "", help = "weights of small_audio, as module:save writes them; empty for fresh ones" },
  steps = { 200, "updates of the weights" },
  batch = { 8, "clips in a batch" },
  seed = 1,
}

local task = kit.dataset.manifest { path = cfg.data, label = cfg.label, folds = 4 }
local films = kit.dataset.films { path = task, video = false, tracks = { sound = "original" }, pad = true }
local held_out = films:split("held_out")

local encoder = kit.encoder.small_audio {}
if cfg.weights ~= "" then encoder:load(cfg.weights) end
local classifier = kit.layer.linear { 256, #task:classes() }
local loss = kit.loss.cross_entropy {}
encoder:freeze("stem") -- With the statistics of its batch norms.

local function logits(batch) return classifier(encoder(batch.audio.sound)) end

local function accuracy()
  local right, count = 0, 0
  for number = 1, #held_out do
    local batch = held_out:clip(number)
    local best = logits(batch):argmax(2):values()
    for i, class in ipairs(batch.classes) do
      right, count = right + (best[i] == class and 1 or 0), count + 1
    end
  end
  return { accuracy = right / count }
end

kit.train {
  data = films:batches(kit.sampler.class_balanced { label = "class", batch = cfg.batch }),
  modules = { encoder = encoder, classifier = classifier },
  optimizer = kit.optimizer.adamw { learning_rate = 1e-3 },
  groups = {
    { "encoder%.blocks%.[01]", learning_rate = 1e-5, weight_decay = 0 },
    { "encoder", learning_rate = 1e-4 },
  },
  steps = cfg.steps,
  step = function(batch) return loss(logits(batch), batch.classes) end,
  evaluate = { every = math.max(1, cfg.steps // 10), run = accuracy },
  best = { "accuracy", goal = "max", patience = 4 },
}
