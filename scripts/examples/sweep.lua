--- A recipe to sweep: which temperature and which optimizer suit the dubs of a folder of films.
---
---     dubkit sweep scripts/examples/sweep.lua temperature=0.05,0.1,0.2 optimizer=adamw,lion seed=1..3
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", help = "folder of films, or a manifest" },
  temperature = { 0.1, "divides the similarities" },
  optimizer = { "adamw", help = "of the weights", choices = { "adamw", "adam", "lion", "muon" } },
  steps = { 50, "updates of the weights" },
  batch = { 8, "clips in a batch" },
  seed = 1,
}

local films = kit.dataset.films { path = cfg.data, video = false, tracks = { first = "en", second = "es" } }
local held_out = films:split("held_out")
local encoder = kit.encoder.small_audio { features = 64 }
local loss = kit.loss.nt_xent { temperature = cfg.temperature }

kit.train {
  data = films:batches(kit.sampler.uniform { batch = cfg.batch }),
  modules = { audio = encoder },
  optimizer = kit.optimizer[cfg.optimizer] {},
  schedule = kit.schedule.cosine {},
  steps = cfg.steps,
  step = function(batch) return loss(encoder(batch.audio.first), encoder(batch.audio.second)) end,
  evaluate = {
    every = cfg.steps,
    run = function()
      local pairs_of_clips = {}
      for number = 1, #held_out do
        local clip = held_out:clip(number)
        pairs_of_clips[number] = (encoder(clip.audio.first):normalize() * encoder(clip.audio.second):normalize()):sum()
      end
      return { cosine_of_dubs = kit.tensor.stack(pairs_of_clips):mean() }
    end,
  },
}
