--- First steps, 7: features, and what they contain.
--
--   dubkit run samples/first-steps/07-features.lua
--   dubkit run samples/first-steps/07-features.lua --set run=runs/simclr_dub

local kit = require "kit"

local cfg = kit.recipe { data = "samples/movies", run = "", seed = 7 }

-- The encoders of a run (`run=runs/NAME` uses the newest of that name), or one without training: the mean spectrum.
local encoders = cfg.run == "" and { audio = kit.encoder.mean_log_mel {} } or nil
local run = cfg.run ~= "" and kit.trained { path = cfg.run } or nil
local features = kit.embed {
  data = cfg.data, run = run, encoders = encoders, views = { "audio" }, tracks = { "en", "es" },
}
print(features["audio.en"])

-- Is a film's dub nearest to its original? There is one row per film; the results say how often.
local figures = kit.evaluate.feature_retrieval {
  features = { features["audio.en"], features["audio.es"] }, resamples = 100,
}:run()
print(figures.text)

-- The rows are plain tensors: here the film whose sound is most like the first one's.
local rows = features["audio.en"]:values():normalize()
local near = rows:matmul(rows:slice(1, 1, 1):transpose()):reshape { -1 }:values()
local ids, best = features["audio.en"]:ids(), 2
for i = 3, #ids do if near[i] > near[best] then best = i end end
print(("of all films, %s sounds most like %s (%.3f)"):format(ids[best], ids[1], near[best]))
