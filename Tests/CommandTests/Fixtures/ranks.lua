-- A training of a second or two, with batch norm, a queue, a momentum encoder and a moving average, on the sample films.
local kit = require "kit"
local cfg = kit.recipe { steps = 12, broken = -1, seed = 7 }

local films = kit.dataset.films {
  path = "samples/movies", seconds = 0.5, video = false, tracks = { original = "en", dub = "es" }, mel = { mels = 16 },
  workers = 1,
}
local encoder = kit.encoder.small_audio { features = 8 }
local follower = encoder:copy()
follower:freeze()
local moco = kit.loss.moco { queue = 32, features = 8 }
local nt_xent = kit.loss.nt_xent {}

local run = kit.train {
  data = films:batches(kit.sampler.uniform { batch = 8 }), modules = { audio = encoder, follower = follower, moco = moco },
  optimizer = kit.optimizer.adamw { learning_rate = 1e-3 }, ema = 0.9, steps = cfg.steps, checkpoint_every = 1, name = "ranks",
  step = function(batch, number)
    follower:follow(encoder, 0.99)
    local a, b = encoder(batch.audio.original), encoder(batch.audio.dub)
    local loss = nt_xent(a, b) + moco(a, kit.no_grad { function() return follower(batch.audio.dub) end })
    local spread = kit.gather(a):mean()
    if number == cfg.broken and batch.ids[1] ~= nil then spread = spread * (0 / 0) end
    return { loss = loss, spread = spread * spread }
  end,
}
-- All ranks have the results.
if cfg.steps == 12 then assert(run.loss > 0 and run.clips_per_second > 0) end
kit.write_text { path = run.folder .. "/written.txt", text = "once" }
print("trained " .. run.steps .. " steps")
