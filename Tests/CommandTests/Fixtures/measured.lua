-- A short training that adds up gradients, measures twice and keeps the best weights, on the sample films.
local kit = require "kit"
local cfg = kit.recipe { steps = 4, seed = 7 }

local films = kit.dataset.films {
  path = "samples/movies", seconds = 0.5, video = false, tracks = { original = "en", dub = "es" }, mel = { mels = 16 },
  workers = 1,
}
local encoder = kit.encoder.small_audio { features = 8 }
local modules = { audio = encoder }
local nt_xent = kit.loss.nt_xent {}
local probe = kit.tensor.normal { 2, 20, 16, 2, seed = 3 }
local function embed(batch)
  return { original = encoder(batch.audio.original), dub = encoder(batch.audio.dub) }
end

local run = kit.train {
  data = films:batches(kit.sampler.uniform { batch = 8 }), modules = modules, steps = cfg.steps, checkpoint_every = 2,
  optimizer = kit.optimizer.adamw { learning_rate = 1e-2 }, name = "measured", accumulate = 2,
  groups = { { "audio%.stem", learning_rate = 1e-3 } },
  step = function(batch)
    local views = embed(batch)
    return nt_xent(views.original, views.dub)
  end,
  evaluation = kit.evaluate.retrieval {
    data = films:split("held_out"):batches(kit.sampler.sequential { batch = 4 }), modules = modules, embed = embed,
  },
  evaluate = {
    every = 2,
    run = function(step) return { spread = encoder(probe):std():item(), step = step } end,
  },
  best = { "spread", goal = "max" },
}
kit.write_json { path = run.folder .. "/result.json", value = { loss = run.loss, steps = run.steps } }
