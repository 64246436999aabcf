--- A training run of a small encoder with everything that a run has. The trials kill it, make it fail, and watch it.
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", "folder of films", from = "ours" },
  steps = { 8, "updates of the weights", from = "ours" },
  batch = { 2, "clips in a batch", from = "ours" },
  checkpoint_every = { 2, "steps between checkpoints", from = "ours" },
}
local films = kit.dataset.films {
  path = cfg.data, video = false, held_out = 0, seconds = 0.3, tracks = { primary = "en", secondary = "es" },
  augment = { kit.augmentation.gain {} },
}
local encoder = kit.encoder.small_audio { features = 8 }
local nt_xent = kit.loss.nt_xent {}

return kit.train {
  name = "small", data = films:batches(kit.sampler.uniform { batch = cfg.batch }), modules = { audio = encoder },
  optimizer = kit.optimizer.adamw {}, steps = cfg.steps, checkpoint_every = cfg.checkpoint_every,
  step = function(batch)
    local rows = encoder(kit.tensor.concat { batch.audio.primary, batch.audio.secondary })
    return nt_xent(rows:slice(1, 1, #batch.ids), rows:slice(1, 1 + #batch.ids, 2 * #batch.ids))
  end,
}
