--- First steps, 6: training. An encoder learns which dub belongs to which original.
--
--   dubkit run samples/first-steps/06-training.lua
--   dubkit run samples/first-steps/06-training.lua --set steps=200 --set learning_rate=3e-3
--   dubkit run samples/first-steps/06-training.lua --print-config

local kit = require "kit"

-- The keys of a recipe. `steps=200` after its name, or `--set steps=200`, changes them. Each can say what it means and
-- where its value comes from.
local cfg = kit.recipe {
  data = { "samples/movies", "folder of films", from = "ours" },
  steps = { 8, "updates of the weights", from = "ours" },
  learning_rate = { 1e-3, "peak learning rate", from = "ours", was = "rate" },
  seed = 7,
}

local films = kit.dataset.films {
  path = cfg.data, video = false, tracks = { original = "en", dub = "es" }, augment = { kit.augmentation.gain {} },
}
local encoder, head = kit.encoder.small_audio { features = 64 }, kit.head.mlp { 64, 64, 32 }
local nt_xent = kit.loss.nt_xent { temperature = 0.2 }
local function embed(sound) return head(encoder(sound)) end

return kit.train {
  data = films:batches(kit.sampler.uniform { batch = 8, seed = cfg.seed }),
  modules = { encoder = encoder, head = head },
  optimizer = kit.optimizer.adamw { learning_rate = cfg.learning_rate },
  schedule = kit.schedule.cosine {},
  steps = cfg.steps,
  -- Called for each batch. What it returns is minimised, and each named term is logged.
  step = function(batch)
    return { dub = nt_xent(embed(batch.audio.original), embed(batch.audio.dub)) }
  end,
  -- Measured when training is done, on films that it never saw: is the right dub found among all of them?
  evaluation = kit.evaluate.retrieval {
    data = films:split("held_out"):batches(kit.sampler.sequential { batch = 8 }),
    modules = { encoder = encoder, head = head },
    embed = function(batch) return { original = embed(batch.audio.original), dub = embed(batch.audio.dub) } end,
    resamples = 100,
  },
}
