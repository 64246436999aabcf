--- BYOL with a schedule of its own: the target follows the encoder, faster at the start than at the end.
---
---     dubkit run scripts/examples/byol.lua
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", help = "folder of films, or a manifest" },
  steps = { 100, "updates of the weights" },
  batch = { 16, "clips in a batch" },
  seed = 1,
}

kit.define.loss {
  name = "byol",
  help = "Twice one minus the mean cosine of a prediction and a target, which gets no gradient.",
  reference = "Grill et al. 2020, equation 2",
  no_gradient = { "b" },
  forward = function(a, b) return 2 - 2 * (a:normalize() * b:detach():normalize()):sum(2):mean() end,
}

local films = kit.dataset.films {
  path = cfg.data, video = false, tracks = { sound = "en" },
  augment = { kit.augmentation.gain {}, kit.augmentation.spec_augment {} },
}
local online = kit.encoder.small_audio { features = 64 }
local target = online:copy():freeze()
local predict = kit.head.mlp { 64, 128, 64 }
local loss = kit.loss.byol {}

kit.train {
  data = films:batches(kit.sampler.uniform { batch = cfg.batch }),
  modules = { audio = online, predict = predict, target = target },
  optimizer = kit.optimizer.lars {},
  -- A short ramp, then a square root down to a fifth.
  schedule = function(step, total)
    local ramp = math.min(1, (step + 1) / (0.1 * total))
    return ramp * math.max(0.2, 1 - math.sqrt(step / total))
  end,
  accumulate = 2,
  steps = cfg.steps,
  step = function(batch, number)
    local x = batch.audio.sound
    local one, two = x + kit.tensor.normal(x:shape()) * 0.2, x + kit.tensor.normal(x:shape()) * 0.2
    if number > 1 then target:follow(online, 1 - 0.01 * (1 + math.cos(math.pi * number / cfg.steps)) / 2) end
    local function side(a, b) return loss(predict(online(a)), kit.no_grad { function() return target(b) end }) end
    return (side(one, two) + side(two, one)) / 2
  end,
  on_epoch = function(info) print(("epoch %d: loss %.3f"):format(info.epoch, info.loss)) end,
}
