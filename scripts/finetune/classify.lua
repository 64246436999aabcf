--- Fine-tunes encoders on labelled sounds or films: a new linear head, at first alone if wanted, layer-wise learning
--- rates, frozen parts, balanced classes, evaluation during training, the best checkpoint and an early end. Ends with
--- the figures of the test items and their intervals.
---
---     dubkit run scripts/finetune/classify.lua --set task=esc50 --set path=ESC-50-master --set from=runs/simclr_dub
---     dubkit run scripts/finetune/classify.lua --set task=csv --set path=sounds/list.csv --set from=audio.safetensors
local kit = require "kit"
local keys = require "keys"
local labels = require "labels"
local given = keys.given

local cfg = kit.recipe {
  task = { "manifest", "a labelled dataset of kit.dataset: csv, esc50, hear, manifest ...", from = "ours" },
  path = { "samples/movies/labels.jsonl", "the dataset's path", from = "ours" },
  label = { "", "the label to use, if the dataset has several (manifest, csv)", from = "ours" },
  fold = { "", "fold of the dataset to measure; empty takes the first", from = "ours" },
  views = { { "audio" }, "what the classifier sees: audio, video, or both", from = "ours" },
  language = { "", "language of the track; empty takes the original of a manifest's films", from = "ours" },
  from = { { "" }, "a run, or files of dubkit weights convert, to start from; empty for fresh weights", from = "ours" },
  best = { false, "start from the run's best checkpoint instead of its newest", from = "ours" },
  audio_encoder = { "small_audio", "sound encoder if 'from' has none", from = "ours" },
  video_encoder = { "small_video", "video encoder if 'from' has none", from = "ours" },
  seconds = { 3.0, "length of a clip if 'from' does not say it", from = "ours" },
  frames = { 8, "frames of a clip if 'from' does not say it", from = "ours" },
  mel = { "v1", "settings of spectrograms if 'from' does not say them; v2 is mono, for vit and mvitv2", from = "ours",
    choices = { "v1", "v2", "v2_stereo" } },
  size = { 112, "height and width of frames if 'from' does not say it", from = "ours" },
  freeze = { {}, "what is never trained: audio for a whole encoder, audio.stem or a pattern for parts", from = "ours" },
  head_steps = { 0, "updates of the head alone before the others, with all encoders frozen", from = "ours" },
  steps = { 400, "updates of the weights", from = "ours", range = { 1, 1000000000 } },
  batch = { 16, "clips in a batch", from = "ours", range = { 1, 1000000 } },
  learning_rate = { 1e-3, "peak learning rate of the head", from = "ours" },
  encoder_rate = { 0.3, "the rate of the encoders' last layers, as a share of the head's", from = "ours" },
  layer_decay = { 0.7, "factor of the rate from each part of an encoder to the one below it", from = "ours" },
  weight_decay = { 1e-2, "AdamW's weight decay", from = "ours" },
  balanced = { true, "equally many clips of each class in an epoch; not for several labels per item", from = "ours" },
  smoothing = { 0.1, "label smoothing", from = "ours" },
  positive = { 1.0, "factor of positives in tasks with several labels per item", from = "ours" },
  mixup = { 0.0, "alpha of mixup; 0 for none", from = "ours", range = { 0, 100 } },
  dropout = { 0.0, "share of features set to 0 before the head", from = "ours" },
  evaluations = { 10, "evaluations during training", from = "ours", range = { 1, 1000000 } },
  patience = { 4, "evaluations without a better one after which training ends", from = "ours" },
  workers = { 1, "threads that read clips ahead", from = "ours" },
  precision = keys.precision "the encoders",
  results = { "", "file to add the results to; empty uses the run's own", from = "ours" },
  variant = { "", "row of the report's table; empty describes the start", from = "ours" },
  seed = { 1, "decides all randomness", from = "ours" },
}

local sees = {}
for _, view in ipairs(cfg.views) do
  if view ~= "audio" and view ~= "video" then
    error(("key 'views' must list audio, video or both, but has '%s'"):format(view), 0)
  end
  sees[view] = true
end
if not next(sees) then error("key 'views' is empty: give audio, video or both", 0) end

-- The data. Validation items choose the checkpoint; the test items are measured once, at the end.
local is_sample = cfg.path == "samples/movies/labels.jsonl"
local task = kit.dataset[cfg.task] { path = cfg.path, label = given(cfg.label) or is_sample and "manner" or nil }
if task.has_times then error(("the labels of %s have times: use scripts/evaluate/probe.lua"):format(task.name), 0) end
local start = cfg.from[1] and cfg.from[1] ~= "" and kit.trained { path = cfg.from, best = cfg.best } or nil

local function clips(items)
  local options = start and start.clips
    or { seconds = cfg.seconds, frames = cfg.frames, size = cfg.size, mel = cfg.mel, video = true,
      audio = true }
  for view in pairs(sees) do
    if not options[view] then error(("key 'from': it was trained without %s"):format(view), 0) end
  end
  options.video, options.audio = sees.video or false, sees.audio or false
  options.path, options.fold, options.held_out_items = task, given(cfg.fold), items
  options.pad, options.workers = true, cfg.workers
  local language = given(cfg.language) or cfg.task == "manifest" and "original" or nil
  options.tracks = sees.audio and language and { sound = language } or nil
  options.augment = {}
  if sees.audio then options.augment[1] = kit.augmentation.spec_augment {} end
  if sees.video then options.augment[#options.augment + 1] = kit.augmentation.horizontal_flip {} end
  return kit.dataset.films(options)
end
local films = clips "valid"
local valid, test = films:split "held_out", clips("test"):split "held_out"

-- The network: the encoders that are wanted and one new head.
local function names(modules)
  local list = {}
  for name in pairs(modules) do list[#list + 1] = name end
  table.sort(list)
  return list
end
local encoders = {}
for view in pairs(sees) do
  local trained = start and start:encoders()
  if trained and not trained[view] then
    error(("key 'from': it has no encoder '%s' (it has: %s)"):format(view, table.concat(names(trained), ", ")), 0)
  end
  encoders[view] = trained and trained[view] or kit.encoder[cfg[view .. "_encoder"]] {}
end
local function features(batch)
  if not sees.video then return encoders.audio(batch.sound) end
  local seen = encoders.video(batch.video)
  return sees.audio and kit.tensor.concat { encoders.audio(batch.sound), seen, axis = 2 } or seen
end
local width = kit.no_grad { function() return features(films:evaluation():clip(1)) end }:shape()[2]
local head = kit.layer.chain { kit.layer.dropout { cfg.dropout }, kit.layer.linear { width, #task:classes() } }
local function logits(batch) return head(features(batch)) end
local modules = { head = head }
for view, encoder in pairs(encoders) do modules[view] = encoder end

--- Freezes what `freeze` names: "audio", "audio.stem", "audio.blocks%.[01]".
local function freeze()
  for _, pattern in ipairs(cfg.freeze) do
    local view, rest = pattern:match "^(%a+)%%?%.?(.*)$"
    if not encoders[view] then
      error(("key 'freeze': '%s' must begin with the name of an encoder: %s"):format(
        pattern, table.concat(names(encoders), ", ")), 0)
    end
    encoders[view]:freeze(rest ~= "" and rest or ".*")
  end
end

--- Groups of `kit.train` with a lower rate for each part of an encoder that is nearer to its input. A part is a block
--- or a layer: "stem", "blocks.0". Frozen parts need none.
local function layer_rates()
  local groups = {}
  for _, view in ipairs(names(encoders)) do
    local parameters, parts, trained = encoders[view]:parameters(), {}, {}
    for _, name in ipairs(encoders[view]:parameter_names()) do
      local part = name:match "^[%a_]+%d*%.[%a_]*%.?%d+" or name:match "^[^.]+"
      if trained[part] == nil then
        parts[#parts + 1], trained[part] = part, false
      end
      trained[part] = trained[part] or parameters[name].trained
    end
    for depth, part in ipairs(parts) do
      if trained[part] then
        groups[#groups + 1] = {
          view .. "%." .. part:gsub("[^%w_]", "%%%0"),
          learning_rate = cfg.learning_rate * cfg.encoder_rate * cfg.layer_decay ^ (#parts - depth),
        }
      end
    end
  end
  return groups
end

local loss, metrics = labels.loss(task, cfg.smoothing, cfg.positive), labels.metrics(task)
local random = kit.random { seed = cfg.seed }
local function train(steps, groups, name)
  local sampler = cfg.balanced and not task.multi_label
    and kit.sampler.class_balanced { label = "class", batch = cfg.batch }
    or kit.sampler.uniform { batch = cfg.batch }
  return kit.train {
    name = name,
    data = films:batches(sampler),
    modules = modules,
    optimizer = kit.optimizer.adamw { learning_rate = cfg.learning_rate, weight_decay = cfg.weight_decay },
    groups = groups,
    schedule = kit.schedule.cosine {},
    steps = steps,
    precision = cfg.precision,
    step = function(batch, number)
      if cfg.mixup == 0 then return loss(logits(batch), batch.classes) end
      local drawn = random:derived("mixup", number)
      local mix, targets = labels.mixup(batch.classes, #task:classes(), cfg.mixup, drawn)
      return loss(head(mix(features(batch))), targets)
    end,
    evaluate = {
      every = math.max(1, steps // cfg.evaluations),
      run = function()
        local scores, classes = labels.scores(valid, logits, cfg.batch)
        return labels.measure(metrics, scores, classes)
      end,
    },
    best = { metrics[1][1], goal = "max", patience = cfg.patience },
  }
end

if cfg.head_steps > 0 then
  for _, encoder in pairs(encoders) do encoder:freeze ".*" end
  train(cfg.head_steps, {}, "classify_head")
  for _, encoder in pairs(encoders) do encoder:unfreeze() end
end
freeze()
local result = train(cfg.steps, layer_rates(), "classify")
if not result.folder then return result end -- A dry run.

-- The test items, with the best weights.
local best = kit.trained { path = result.folder, best = true }
for view, encoder in pairs(best:encoders()) do encoders[view] = encoder:eval() end
best:load("head", head):eval()
local scores, classes, groups = labels.scores(test, logits, cfg.batch)
local figures = { items = #classes }
print(("%s: %d classes, %d test items"):format(task.name, #task:classes(), #classes))
for _, metric in ipairs(metrics) do
  local figure = labels.interval(metric[2], scores, classes, groups, cfg.seed)
  figures[metric[1]] = figure
  print(("  %s  %.4f  (%.4f to %.4f)"):format(metric[1], figure.value, figure.low, figure.high))
  kit.add_result {
    path = given(cfg.results) or result.folder, metric = metric[1], value = figure.value, low = figure.low,
    high = figure.high, variant = given(cfg.variant) or (start and "fine-tuned" or "from fresh weights"),
    task = task.name, items = #classes, seed = cfg.seed,
  }
end
return figures
