--- Audio-only SimCLR: two views of the sound of one clip; no video is decoded. Without dubs the views are two
--- augmentations of the original track. With `secondary=es` they are the original and a dub (arXiv 2304.05600).
---
---     dubkit run scripts/pretrain/audio_audio.lua --set secondary=es
local kit = require "kit"
local simclr = require "simclr"

local cfg = simclr.recipe {
  frames = false, size = false,
  secondary = { {}, "languages of the dubs; none pairs the original with itself", from = "paper" },
}
local other = #cfg.secondary > 0 and cfg.secondary or cfg.primary
local films = simclr.films(cfg, { first = cfg.primary, second = other }, { video = false })
local towers, modules = simclr.towers(cfg, "audio")
local nt_xent = kit.loss.nt_xent { temperature = cfg.temperature }

local function embed(batch)
  return { first = towers.audio(batch.audio.first), second = towers.audio(batch.audio.second) }
end

return simclr.train(cfg, films, modules, function(batch)
  local view = embed(batch)
  return { audio = nt_xent(view.first, view.second) }
end, embed)
