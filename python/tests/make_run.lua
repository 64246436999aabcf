--- A run of two steps on films, for the tests of the Python package.
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", "the folder of films", from = "ours" },
  mono = { false, "whether spectrograms are of the mean of the channels, with open ends", from = "ours" },
}

local films = kit.dataset.films {
  path = cfg.data, frames = 4, size = 56, held_out = 0, mel = cfg.mono and "v2" or "v1",
}
local audio = kit.encoder.small_audio { channels = cfg.mono and 1 or 2 }
local video = kit.encoder.small_video {}
local loss = kit.loss.nt_xent { temperature = 0.1 }

kit.train {
  name = "python_tests",
  data = films:batches(kit.sampler.uniform { batch = 8 }),
  modules = { audio = audio, video = video },
  optimizer = kit.optimizer.sgd { learning_rate = 0.01 },
  steps = 2,
  step = function(batch) return loss(video(batch.video), audio(batch.audio.en)) end,
}
