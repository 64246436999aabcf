--- The training step of X3D-S and one resnet50 for two tracks, a head on each, three NT-Xent terms and AdamW, on random
--- numbers: what several processes cost. Films are read only to count clips.
---
---     mpirun -n 2 dubkit run benchmarks/ranks/x3d_s.lua
local kit = require "kit"

local cfg = kit.recipe {
  data = { "samples/movies", "folder of films", from = "ours" },
  batch = { 8, "clips in the batch", from = "ours" },
  steps = { 8, "steps", from = "ours" },
  precision = { "float32", "arithmetic: float32 or bfloat16", from = "ours", choices = { "float32", "bfloat16" } },
  seed = { 7, "decides all randomness", from = "ours" },
}

local video, audio = kit.encoder.x3d { variant = "s" }, kit.encoder.resnet50 {}
local video_head, audio_head = kit.head.mlp { 2048, 1024, 128 }, kit.head.mlp { 2048, 1024, 128 }
local nt_xent = kit.loss.nt_xent { temperature = 0.1 }
local clips = kit.tensor.normal { cfg.batch, 13, 160, 160, 3, seed = cfg.seed }
local tracks = kit.tensor.normal { 2 * cfg.batch, 96, 280, 2, seed = cfg.seed + 1 }
local films = kit.dataset.films {
  path = cfg.data, video = false, seconds = 0.1, tracks = { primary = "en" }, held_out = 0,
}

return kit.train {
  name = "x3d_s", steps = cfg.steps, checkpoint_every = cfg.steps, precision = cfg.precision,
  data = films:batches(kit.sampler.uniform { batch = cfg.batch }),
  modules = { video = video, audio = audio, video_head = video_head, audio_head = audio_head },
  optimizer = kit.optimizer.adamw { learning_rate = 1e-4 },
  step = function(batch)
    local rows = #batch.ids
    local seen = video_head(video(clips:slice(1, 1, rows)))
    local heard = audio_head(audio(tracks:slice(1, 1, 2 * rows)))
    local original, dub = heard:slice(1, 1, rows), heard:slice(1, rows + 1, 2 * rows)
    return { original = nt_xent(seen, original), dub = nt_xent(seen, dub), sound = nt_xent(original, dub) }
  end,
}
