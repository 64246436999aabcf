--- First steps, 5: films become batches.
--
--   dubkit run samples/first-steps/05-batches.lua
--   dubkit run samples/first-steps/05-batches.lua --set data=FOLDER --set dub=fr

local kit = require "kit"

local cfg = kit.recipe { data = "samples/movies", original = "en", dub = "es", seed = 7 }

-- A dataset knows its films, cuts them into clips and says how a clip becomes tensors.
local films = kit.dataset.films {
  path = cfg.data, seconds = 2, frames = 4, size = 64, tracks = { original = cfg.original, dub = cfg.dub },
}
print(films)

-- A sampler says which clips form a batch. Here four of eight come from one film: telling those apart is hard.
local batches = films:batches(kit.sampler.same_film { batch = 8, k = 4, seed = cfg.seed })
print(batches)

-- A batch has video, a log-mel spectrogram for each track, and the names of its rows.
local clip = batches:next()
print("video   ", table.concat(clip.video:shape(), " x "), "batch, time, height, width, colours")
print("original", table.concat(clip.audio.original:shape(), " x "), "batch, time, mel, channels")
print("dub     ", table.concat(clip.audio.dub:shape(), " x "))
for i, id in ipairs(clip.ids) do print(i, id, clip.films[i], ("%.2f s"):format(clip.starts[i])) end

-- A film and its dub differ only in speech, so their spectrograms are close; those of two clips are not.
local function distance(a, b) return ((a - b) ^ 2):mean():sqrt():item() end
local one, other = clip.audio.original:select(1, 1), clip.audio.original:select(1, 8)
print("original to dub  ", distance(one, clip.audio.dub:select(1, 1)))
print("one clip to another", distance(one, other))
