--- SimCLR_AV: cross-modal SimCLR on video and the original track only, the monolingual system of arXiv 2304.05600.
---
---     dubkit run scripts/pretrain/simclr_av.lua --set data=FOLDER --set scale=paper
local kit = require "kit"
local simclr = require "simclr"

local cfg = simclr.recipe {}
local films = simclr.films(cfg, { primary = cfg.primary })
local towers, modules = simclr.towers(cfg, "video", "audio")
local nt_xent = kit.loss.nt_xent { temperature = cfg.temperature }

local function embed(batch)
  return { video = towers.video(batch.video), audio = towers.audio(batch.audio.primary) }
end

return simclr.train(cfg, films, modules, function(batch)
  local view = embed(batch)
  return { primary = nt_xent(view.video, view.audio) }
end, embed)
