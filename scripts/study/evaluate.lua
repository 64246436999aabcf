--- Measures one trained system on a world's tasks and writes the figures of its cell: linear probes on frozen
--- features, the error rate of words that are read off frozen frames, and how far the embedding of the sound moves when
--- the speech is swapped, and when the background is.
---
---     dubkit run scripts/study/evaluate.lua --set run=runs/simclr_dub --set world=world --set out=cell.json
local kit = require "kit"
local sensitivity = require "sensitivity"
local reading = require "reading"

local cfg = kit.recipe {
  run = { "runs/simclr_dub", "folder of the run, or of runs, of which the newest is taken", from = "ours" },
  weights = { "trained", "trained, random (fresh weights), mean_log_mel or majority in their place", from = "ours" },
  world = { "world", "folder of a world's sets of films", from = "ours" },
  probe = { "probe", "the set with the tasks", from = "ours" },
  precision = {
    "float32", "arithmetic of the encoders: float32 or bfloat16", from = "ours", choices = { "float32", "bfloat16" },
  },
  out = { "cell.json", "the file to write", from = "ours" },
  seed = { 7, "of all randomness", from = "ours" },
}

--- The tasks and the views that they are probed on; the first five are asked of the same sounds.
local tasks = {
  { "event", "audio" }, { "scene", "audio" }, { "speaker", "audio" }, { "manner", "audio" }, { "keyword", "audio" },
  { "language", "audio" }, { "av_event", "audio", "video" },
}

local run = kit.trained { path = cfg.run, random = cfg.weights == "random" }
local naive = cfg.weights == "mean_log_mel" and {
  audio = kit.encoder.mean_log_mel { mels = run.clips.mel.mels, channels = run.clips.mel.mono and 1 or 2 },
} or nil
local probe = cfg.weights == "majority" and kit.probe.majority {} or kit.probe.linear {}

local function embed(data, views, tracks)
  return kit.embed {
    data = data, run = run, encoders = naive, views = views, tracks = tracks, batch = 32, workers = 1,
    precision = cfg.precision,
  }
end

local has_video = not naive and run:encoders().video ~= nil
local figures, sounds = {}, nil
for _, task in ipairs(tasks) do
  local name, views = task[1], { table.unpack(task, 2) }
  if has_video or #views == 1 then
    local data = kit.dataset.hear { path = ("%s/%s/tasks/%s"):format(cfg.world, cfg.probe, name) }
    local features
    if #views > 1 then
      features = embed(data, views, { "en" })
    elseif name == "language" then
      features = embed(data, views)
    else
      sounds = sounds or embed(data, views)
      features = sounds
    end
    local sets = {}
    for i, view in ipairs(views) do sets[i] = features[view] end
    local evaluation = kit.evaluate.probe {
      data = data, features = sets, probe = probe, metrics = { kit.metric.top1 {} }, seed = cfg.seed,
    }
    local report = evaluation:run()
    print(report.text)
    figures[name] = report.top1.value
  end
end

if cfg.weights ~= "majority" then
  local moved = sensitivity.of(function(tracks)
    return embed(("%s/swaps/manifest.jsonl"):format(cfg.world), { "audio" }, tracks)
  end)
  for name, value in pairs(moved) do figures[name] = value end
  local manifest = ("%s/%s/manifest.jsonl"):format(cfg.world, cfg.probe)
  local report = reading.read {
    data = manifest, transcripts = kit.dataset.transcripts { path = manifest, label = "speech", language = "en" },
    run = run, encoders = naive, tracks = { "en" }, unit = "words", head = "lstm", seed = cfg.seed,
    precision = cfg.precision,
  }
  print(report.text)
  figures.words = report.word_error_rate.value
end
kit.write_json { path = cfg.out, value = { figures = figures, weights = cfg.weights, seed = cfg.seed } }
