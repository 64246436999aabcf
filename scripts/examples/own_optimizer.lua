--- An optimizer written in Lua: momentum whose step has the length of the gradient, for each parameter.
---
---     dubkit run scripts/examples/own_optimizer.lua momentum=0.8
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", help = "folder of films, or a manifest" },
  learning_rate = { 0.01, "of the optimizer" },
  momentum = { 0.9, "share of the direction that a step keeps" },
  steps = { 100, "updates of the weights" },
  batch = { 16, "clips in a batch" },
  seed = 1,
}

kit.define.optimizer {
  name = "normed_momentum",
  help = "Momentum of gradients of unit length: every parameter moves by about the learning rate.",
  reference = "Hazan et al. 2015, normalized gradient descent, with momentum",
  options = { momentum = { 0.9, "Share of the direction that a step keeps.", range = { 0, 1 } } },
  state = { "direction" },
  update = function(weight, gradient, state, options)
    local unit = gradient / (gradient:norm() + 1e-8)
    state.direction:assign(state.direction * options.momentum + unit * (1 - options.momentum))
    weight:assign(weight - state.direction * options.learning_rate)
  end,
}
print(kit.check(kit.optimizer.normed_momentum))

local films = kit.dataset.films { path = cfg.data, video = false, tracks = { first = "en", second = "es" } }
local encoder = kit.encoder.small_audio { features = 64 }
local loss = kit.loss.nt_xent { temperature = 0.1 }

kit.train {
  data = films:batches(kit.sampler.uniform { batch = cfg.batch }),
  modules = { audio = encoder },
  optimizer = kit.optimizer.normed_momentum { learning_rate = cfg.learning_rate, momentum = cfg.momentum },
  steps = cfg.steps,
  record_norms = true,
  step = function(batch) return loss(encoder(batch.audio.first), encoder(batch.audio.second)) end,
}
