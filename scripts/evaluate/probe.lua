--- Probes a run's encoders on labelled sounds or films, to find what its frozen features contain.
---
---     dubkit run scripts/evaluate/probe.lua --set run=runs/simclr_dub --set task=esc50 --set path=ESC-50-master
local kit = require "kit"
local keys = require "keys"
local given = keys.given

local cfg = kit.recipe {
  run = { "runs/simclr_dub", "the run's folder, or a folder of runs, of which the newest is used", from = "ours" },
  task = { "csv", "a labelled dataset of kit.dataset: csv, esc50, hear, manifest...", from = "ours" },
  path = { "", "the dataset's path", from = "ours" },
  label = { "", "the label to use, if the dataset has several (manifest, csv)", from = "ours" },
  views = { { "audio" }, "views to probe: audio, video, or both concatenated", from = "ours" },
  language = { "", "the language of the films' track; empty uses the only one", from = "ours" },
  probe = { "linear", "linear, mlp, knn or majority", from = "ours" },
  layer = { "", "module of the encoders whose output is probed; empty takes their own", from = "ours" },
  frames = {
    "", "time or tokens keep frames or tokens, which `pooling` makes one vector; empty keeps one vector", from = "ours",
    choices = { "", "time", "tokens" },
  },
  pooling = {
    "mean", "of frames: mean, max, mean_max or attention", from = "ours",
    choices = { "mean", "max", "mean_max", "attention" },
  },
  window = { 0.0, "for labels with times: seconds of sound around each point; 0 uses a clip's length", from = "ours" },
  out = { "", "folder to keep the features in; empty does not keep them", from = "ours" },
  encoder = { "", "sound encoder instead of the run's: mean_log_mel is the naive baseline", from = "ours" },
  random = { false, "use fresh weights: the baseline for trained ones", from = "ours" },
  variant = { "", "row of the report's table; empty uses the name of the run or of what replaces it", from = "ours" },
  results = {
    "", "file to add results to; empty uses the run's own, or results.jsonl next to files of weights", from = "ours",
  },
  precision = keys.precision "the encoders",
  seed = { 7, "decides all randomness", from = "ours" },
}

if cfg.path == "" then error(("set path=...: the folder or file of the dataset of task '%s'"):format(cfg.task), 0) end
if cfg.frames == "" and cfg.pooling ~= "mean" then
  error(("key 'pooling' is %s, but there are no frames: set frames=time or frames=tokens"):format(cfg.pooling), 0)
end

local task = kit.dataset[cfg.task] { path = cfg.path, label = given(cfg.label) }
local run = kit.trained { path = cfg.run, random = cfg.random }
local features = kit.embed {
  data = task, run = run, views = cfg.views,
  tracks = given(cfg.language), out = given(cfg.out), precision = cfg.precision,
  rows = task.has_times and "timestamp" or "source", window = cfg.window > 0 and cfg.window or nil,
  encoders = given(cfg.encoder) and { audio = kit.encoder[cfg.encoder] {} },
  layer = given(cfg.layer), frames = given(cfg.frames),
}
local sets = {}
for i, view in ipairs(cfg.views) do sets[i] = features[view] end

-- HEAR uses other settings for these tasks, whose recordings are long.
local of_task = { dcase2016_task2 = { measure_every = 10 }, maestro = { epochs = 50, measure_every = 1 } }
local probe = kit.probe[cfg.probe](cfg.probe == "mlp" and of_task[task.name] or {})
local names = task.multi_label and { "mean_average_precision", "roc_auc", "d_prime" } or { "top1", "balanced_accuracy" }
local metrics = {}
for i, name in ipairs(names) do metrics[i] = kit.metric[name](name == "d_prime" and { average = "area" } or {}) end
local settings = { data = task, features = sets, probe = probe, seed = cfg.seed }
local evaluation
if task.has_times then
  evaluation = kit.evaluate.events(settings)
else
  settings.metrics, settings.pooling = metrics, cfg.pooling
  evaluation = kit.evaluate.probe(settings)
end
local results = evaluation:run()
print(results.text)
if task.has_times then
  names = {}
  for name, result in pairs(results) do
    if type(result) == "table" and result.value then names[#names + 1] = name end
  end
  table.sort(names)
end

-- Cells of the table that `dubkit report` shows, with the chance level where it is known.
local own = run.path:match("([^/]+)/[^/]+/?$") or run.path
local stand_in = cfg.probe == "majority" and "majority class" or given(cfg.encoder)
  or (cfg.random and own .. ", fresh weights" or nil)
local views = table.concat(cfg.views, " + ")
local guess = 1 / #task:classes()
local chance = { top1 = guess, balanced_accuracy = guess, roc_auc = 0.5, d_prime = 0 }
for _, name in ipairs(names) do
  local result = results[name]
  if math.abs(result.value) < math.huge then  -- d' is infinite if there are no errors
    kit.add_result {
      path = keys.results(cfg.results, run), metric = name, value = result.value, low = result.low, high = result.high,
      variant = given(cfg.variant) or (stand_in or own) .. (views == "audio" and "" or (" (%s)"):format(views)),
      task = task.name .. (cfg.probe == "linear" and "" or ", " .. cfg.probe)
        .. (cfg.layer == "" and "" or ", " .. cfg.layer) .. (cfg.frames == "" and "" or ", " .. cfg.pooling),
      chance = chance[name], lower_is_better = name == "segment_1s_er",
      items = results.items, seed = cfg.seed, baseline = stand_in ~= nil,
    }
  end
end
return results
