--- SimCLR with an encoder of two branches, written in Lua: one branch sees short events, the other slow changes.
---
---     dubkit run scripts/examples/two_branches.lua steps=200
local kit = require "kit"
local layer = kit.layer

local cfg = kit.recipe {
  data = { "samples/movies", help = "folder of films, or a manifest" },
  steps = { 100, "updates of the weights" },
  batch = { 16, "clips in a batch" },
  seed = 1,
}

kit.define.encoder {
  name = "two_branches",
  help = "A fast and a slow branch of convolutions: log-mel [batch, time, mel, 2] to [batch, 2 width].",
  options = { width = { 64, "Channels of each branch.", range = { 1, 1024 } } },
  input = "log_mel",
  width = function(options) return 2 * options.width end,
  parts = function(options)
    local function branch(kernel, stride)
      return layer.chain {
        layer.convolution { 2, options.width, kernel = kernel, stride = stride, bias = false },
        layer.batch_norm { options.width, activation = "relu" },
        layer.residual { layer.chain {
          layer.convolution { options.width, options.width, kernel = { 3, 3 }, groups = options.width, bias = false },
          layer.batch_norm { options.width, activation = "relu" },
        } },
        layer.global_mean {},
      }
    end
    return { fast = branch({ 3, 9 }, { 2, 4 }), slow = branch({ 15, 5 }, { 8, 4 }) }
  end,
  forward = function(self, x) return kit.tensor.concat { self.fast(x), self.slow(x), axis = 2 } end,
}

local films = kit.dataset.films {
  path = cfg.data, video = false, tracks = { sound = "en" }, held_out = 0.25,
  augment = { kit.augmentation.gain {}, kit.augmentation.spec_augment {} },
}
local encoder = kit.encoder.two_branches {}
local head = kit.head.mlp { 128, 128, 64 }
local nt_xent = kit.loss.nt_xent { temperature = 0.1 }

kit.train {
  data = films:batches(kit.sampler.uniform { batch = cfg.batch }),
  modules = { audio = encoder, head = head },
  optimizer = kit.optimizer.adamw { learning_rate = 1e-3 },
  schedule = kit.schedule.cosine {},
  steps = cfg.steps,
  step = function(batch)
    local sound = batch.audio.sound
    local noisy = sound + kit.tensor.normal(sound:shape()) * 0.3
    return nt_xent(head(encoder(sound)), head(encoder(noisy)))
  end,
}
