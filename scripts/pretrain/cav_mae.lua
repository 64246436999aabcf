--- CAV-MAE: masked reconstruction of sound and picture, and a contrastive term (Gong et al. 2023, arXiv 2210.07839).
--- With form=dub, the masked original is reconstructed from its visible patches, the tokens of its dub and the picture.
---
---     dubkit run scripts/pretrain/cav_mae.lua --set form=dub --set secondary=es
local kit, simclr = require "kit", require "simclr"
local layer, tensor = kit.layer, kit.tensor

local cfg = simclr.recipe {
  scale = { "small", "paper (ViT-B, 10 s) or small", from = "ours", choices = { "paper", "small" } },
  form = { "same", "same (as published), or dub", from = "ours", choices = { "same", "dub" } },
  secondary = { { "es" }, "languages of the dubs", from = "ours" },
  hidden = { 0.75, "share of sound's and picture's patches that are hidden", from = "paper", range = { 0.01, 0.99 } },
  contrast = { 0.01, "weight of the contrastive term", from = "paper", range = { 0, 1000000 } },
  temperature = { 0.05, "divides the similarities in it", from = "authors_code" }, frames = false, size = false,
  k = { 0, "clips of a batch that come from one film; 0 draws all clips alike", from = "ours" }, chunk = false,
  learning_rate = { 5e-5, "learning rate (for 48 clips; 2e-4 for 256)", from = "authors_code" },
  weight_decay = { 5e-7, "Adam's weight decay (the authors' biases and norms decay, too)", from = "authors_code" },
}

--- The sizes of "paper" are paper-stated; its spectrograms and the scale of its inputs are the authors' code (which
--- pads 1001 spectra to 1024, where this recipe takes 992). Those of "small" are ours.
local s = ({
  paper = { width = 768, heads = 12, depth = 11, inner = 512, inner_heads = 16, inner_depth = 8, size = 224,
    mel = { sample_rate = 16000, fft_size = 400, hop = 160, mels = 128, highest = 8000, frames = 992, mono = true },
    bands = 128, spectra = 992, seconds = 10, mel_mean = -5.081, mel_std = 4.4849 },
  small = { width = 96, heads = 3, depth = 2, inner = 64, inner_heads = 2, inner_depth = 1, size = 64,
    mel = "v2", bands = 96, spectra = 288, seconds = 3, mel_mean = -40, mel_std = 20 },
})[cfg.scale]
s.frames, s.mean, s.std = 1, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }
local grids = { audio = { s.bands // 16, s.spectra // 16 }, video = { s.size // 16, s.size // 16 } }
local views = cfg.form == "dub" and { "audio", "video", "dub" } or { "audio", "video" }

local function linear(inputs, outputs) return layer.linear { inputs, outputs, weights = "xavier" } end
local function vector(width) return kit.parameter(tensor.normal { width } * 0.02) end
local function places(width, view)
  return layer.positions { width, grid = grids[view] or grids.audio, kind = "sine", modality = true }
end
--- The last block of all paths, which share its attention and feed-forward layer, but not its layer norms.
local joint = layer.transformer_block { s.width, heads = s.heads, weights = "xavier" }
local function path(block) return layer.chain { block, layer.layer_norm { s.width } } end
--- A frame [batch, height, width, 3], or a spectrogram [batch, mel, time, 1].
local function image(x) return #x:shape() == 5 and x:select(2, 1) or x:transpose(2, 3) end

kit.define.encoder {
  name = "cav_mae", width = s.width, options = { view = { "audio", "What it reads.", choices = { "audio", "video" } } },
  help = "A tower of CAV-MAE with the joint block: a frame, or log-mel [batch, time, mel, 1], to [batch, width].",
  input = function(o) return o.view == "video" and "video" or { "log_mel", channels = 1, mel = s.bands } end,
  parts = function(o)
    local patches = layer.patches { o.view == "video" and 3 or 1, s.width, size = { 16, 16 }, weights = "xavier" }
    local blocks = layer.transformer { s.width, heads = s.heads, depth = s.depth, weights = "xavier" }
    local last = path(layer.transformer_block { s.width, heads = s.heads, shared = joint })
    return { tokens = layer.chain { patches, places(s.width, o.view) }, blocks = blocks, path = last }
  end,
  forward = function(self, x) return self.path(self.blocks(self.tokens(image(x)))):mean(2) end,
}
kit.define.layer {
  name = "cav_mae_decoder", help = "All tokens in order, [batch, tokens, inner], to the same.",
  parts = function()
    local own = { path = path(joint), narrow = linear(s.width, s.inner), mask_token = vector(s.inner) }
    own.blocks = layer.transformer { s.inner, heads = s.inner_heads, depth = s.inner_depth, weights = "xavier" }
    own.places, own.norm, own.dub = {}, layer.layer_norm { s.inner }, cfg.form == "dub" and vector(s.width)
    for _, view in ipairs(views) do own.places[view] = places(s.inner, view) end
    own.predict = { audio = linear(s.inner, 256), video = linear(s.inner, 768) }
    return own
  end,
  forward = function(self, x) return self.norm(self.blocks(x)) end,
}
local towers = { audio = kit.encoder.cav_mae { view = "audio" }, video = kit.encoder.cav_mae { view = "video" } }
local decoder = kit.layer.cav_mae_decoder {}
local nt_xent = kit.loss.nt_xent { temperature = cfg.temperature, negatives = "cross", symmetric = false }

local function step(batch)
  local inputs = { audio = batch.audio.primary, video = batch.video, dub = views[3] and batch.audio.secondary }
  local masks, seen, means, kept, all, counts, terms = {}, { axis = 2 }, {}, {}, { axis = 2 }, {}, {}
  for i, view in ipairs(views) do
    local tower, hidden = towers[view] or towers.audio, view == "dub" and 0 or cfg.hidden
    local x = tower.tokens(image(inputs[view]))
    counts[i], kept[i] = x:shape()[2], math.max(1, math.floor(x:shape()[2] * (1 - hidden)))
    masks[i] = kit.token_mask { batch = #x, tokens = counts[i], keep = kept[i] }
    x = tower.blocks(masks[i]:keep(x))
    means[i], seen[i] = tower.path(x):mean(2), view == "dub" and x + decoder.dub or x
  end
  local parts = { decoder.narrow(decoder.path(tensor.concat(seen))):split(2, kept) }
  for i, view in ipairs(views) do all[i] = decoder.places[view](masks[i]:fill(parts[i], decoder.mask_token)) end
  parts = { decoder(tensor.concat(all)):split(2, counts) }
  for i, view in ipairs { "audio", "video" } do
    local target = image(inputs[view]):patches { 16, 16 }
    target = (target - target:mean(3, true)) / (target:variance(3, true) + 1e-6):sqrt()
    local hidden, errors = masks[i].hidden, ((decoder.predict[view](parts[i]) - target) ^ 2):mean(3)
    terms[view] = (errors * hidden):sum() / hidden:sum()
  end
  for i = 1, #views, 2 do terms["contrast_" .. views[i]] = nt_xent(means[2], means[i]) * cfg.contrast end
  return terms
end

local tracks = { primary = cfg.primary, secondary = cfg.form == "dub" and cfg.secondary or nil }
local films = simclr.films(cfg, tracks, { sizes = s, augment = {} })
--- The authors' optimizer, and their schedule of 25 passes: the rate is halved after 10, 15 and 20.
return simclr.train(cfg, films, { audio = towers.audio, video = towers.video, decoder = decoder }, step, function(batch)
  return { video = towers.video(batch.video), audio = towers.audio(batch.audio.primary) }
end, {
  optimizer = kit.optimizer.adam { learning_rate = cfg.learning_rate, weight_decay = cfg.weight_decay, beta1 = 0.95 },
  schedule = kit.schedule.step { milestones = { 0.4, 0.6, 0.8 }, gamma = 0.5 },
})
