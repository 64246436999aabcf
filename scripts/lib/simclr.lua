--- Shared by the SimCLR recipes: their keys, encoders by scale, data, and the held-out measurement.
local kit = require "kit"

local simclr = {}

--- The values of the key `scale`. "paper" is the published size. "small" trains in minutes on two cores, for trying
--- things out rather than for results. "study" uses the same encoders on fewer and smaller frames, so that many systems
--- can be compared on films of a known world; "coarse" has more frames, which show lips, and spectrograms of a quarter
--- of the size.
local scales = {
  paper = {
    frames = 16, size = 224, features = 1024, embedding = 128,
    video = function(features) return kit.encoder.x3d { variant = "m", features = features } end,
    audio = function(features) return kit.encoder.acoustic_resnet50 { features = features } end,
  },
  small = {
    frames = 8, size = 112, features = 256, embedding = 128,
    video = function() return kit.encoder.small_video {} end,
    audio = function() return kit.encoder.small_audio {} end,
  },
}
scales.study = {
  frames = 4, size = 64, features = 256, embedding = 128, video = scales.small.video, audio = scales.small.audio,
}

scales.coarse = {
  frames = 8, size = 64, features = 256, embedding = 128, video = scales.small.video, audio = scales.small.audio,
  mel = { sample_rate = 24000, fft_size = 1024, hop = 512, mels = 48, highest = 12000, frames = 140 },
}

--- The published size of the paper's second version: MViTv2-S towers, frames with values from 0 to 1, and mono
--- spectrograms in decibels, as in the authors' inference code. The head is inferred.
local second_version = {
  frames = 16, size = 224, mean = { 0 }, std = { 1 }, mel = "v2", features = 768, embedding = 128,
  video = function() return kit.encoder.mvitv2 { size = "s", modality = "video" } end,
  audio = function() return kit.encoder.mvitv2 { size = "s", modality = "audio" } end,
}

--- Makes "paper" mean the second version's towers, for its recipe.
function simclr.use_second_version() scales.paper = second_version end

--- Declares a recipe's keys: the shared ones and its own. A key that is false leaves out a shared one.
function simclr.recipe(own)
  local keys = {
    data = { "samples/movies", "folder of films, or a manifest", from = "ours" },
    scale = {
      "small", "paper (X3D-M and acoustic ResNet-50), small, study (smaller frames) or coarse (smaller spectrograms)",
      from = "ours", choices = { "paper", "small", "study", "coarse" },
    },
    unusable = {
      "error", "films that lack a track, are too short or cannot be opened: error, or skip them", from = "ours",
      choices = { "error", "skip" },
    },
    primary = { "en", "language of the original track", from = "inferred" },
    frames = { 0, "frames of a clip; 0 takes the scale's", from = "ours" },
    size = { 0, "height and width of a frame; 0 takes the scale's", from = "ours" },
    batch = { 24, "clips in a batch", from = "ours" },
    k = { 12, "clips of a batch that come from one film: hard negatives", from = "paper" },
    epochs = { 30, "passes over the training films", from = "ours" },
    steps = { 0, "updates of the weights; 0 trains for all epochs", from = "ours" },
    chunk = { 0, "clips whose activations are in memory at once (gradient caching); 0 for all", from = "ours" },
    precision = {
      "float32", "arithmetic of the encoders: float32, or bfloat16 (half the memory, rounded factors)", from = "ours",
      was = "activations", choices = { "float32", "bfloat16" },
    },
    dub_offset = {
      0.0, "largest random offset of dubs against the video, in seconds", from = "ours", was = "shift",
    },
    learning_rate = { 1e-3, "peak learning rate", from = "inferred", was = "rate" },
    weight_decay = { 1e-4, "AdamW's weight decay", from = "inferred" },
    temperature = { 0.1, "divides the similarities in NT-Xent", from = "inferred" },
    held_out = { 0.25, "share of the films held out for measuring; 0 measures nothing", from = "ours" },
    workers = { 1, "threads that read clips ahead", from = "ours" },
    seed = { 7, "decides all randomness", from = "ours" },
  }
  for key, value in pairs(own) do keys[key] = value or nil end
  local cfg = kit.recipe(keys)
  for _, language in ipairs(own.secondary and cfg.secondary or {}) do
    if language == cfg.primary then
      local warning = "warning: keys 'primary' and 'secondary' both name '%s': that track is its own dub\n"
      io.stderr:write(warning:format(language))
    end
  end
  return cfg
end

--- The training films. `tracks` names the tracks that a step uses. `options.sizes` are sizes of a recipe's own, which
--- then has no keys for them.
function simclr.films(cfg, tracks, options)
  options = options or {}
  local s = options.sizes or scales[cfg.scale]
  local has_keys = options.video ~= false and not options.sizes
  local function either(key) return has_keys and cfg[key] > 0 and cfg[key] or s[key] end
  return kit.dataset.films {
    path = cfg.data, frames = either "frames", size = either "size", mean = s.mean, std = s.std,
    seconds = s.seconds, mel = s.mel, mel_mean = s.mel_mean, mel_std = s.mel_std,
    tracks = tracks, policy = options.policy or "draw",
    video = options.video ~= false, second_view = options.second_view, dub_offset = cfg.dub_offset,
    held_out = cfg.held_out, workers = cfg.workers, unusable = cfg.unusable,
    augment = options.augment or {
      kit.augmentation.random_resized_crop { min_area = 0.5 }, kit.augmentation.horizontal_flip {},
      kit.augmentation.gain {}, kit.augmentation.spec_augment {},
    },
  }
end

--- An encoder with its projection head: one function of a view, and the modules by name.
local function tower(kind, cfg)
  local s = scales[cfg.scale]
  local encoder = s[kind](s.features)
  local head = kit.head.mlp { s.features, s.features, s.embedding }
  local function features(input)
    if cfg.chunk == 0 then return encoder(input) end
    return kit.recompute { encoder, input, chunk = cfg.chunk }
  end
  return function(input) return head(features(input)) end, { [kind] = encoder, [kind .. "_head"] = head }
end

--- Makes the named towers ("video", "audio"). Returns a table of functions, and all modules by name.
function simclr.towers(cfg, ...)
  local towers, modules = {}, {}
  for _, kind in ipairs { ... } do
    local made
    towers[kind], made = tower(kind, cfg)
    for name, module in pairs(made) do modules[name] = module end
  end
  return towers, modules
end

--- Trains with AdamW and a cosine schedule, or the optimizer and schedule of `options`. Ends with retrieval among
--- held-out clips, between the views that `embed` returns.
function simclr.train(cfg, films, modules, step, embed, options)
  options = options or {}
  return kit.train {
    data = films:batches(kit.sampler.same_film { k = cfg.k, batch = cfg.batch, seed = cfg.seed }),
    modules = modules,
    optimizer = options.optimizer
      or kit.optimizer.adamw { learning_rate = cfg.learning_rate, weight_decay = cfg.weight_decay },
    schedule = options.schedule or kit.schedule.cosine {},
    epochs = cfg.steps == 0 and cfg.epochs or nil,
    steps = cfg.steps > 0 and cfg.steps or nil,
    precision = cfg.precision,
    step = step,
    evaluation = cfg.held_out > 0 and kit.evaluate.retrieval {
      data = films:split("held_out"):batches(kit.sampler.sequential { batch = cfg.batch }),
      modules = modules,
      embed = embed,
    } or nil,
  }
end

return simclr
