--- SimCLR_SEP: like SimCLR_AV, but on films whose speech was removed first (the baseline for dubs in arXiv 2304.05600).
---
---     dubkit run scripts/separate/remove_speech.lua --set data=FOLDER --set out=FOLDER-sep --set language=en
---     dubkit run scripts/pretrain/simclr_sep.lua --set data=FOLDER-sep --set scale=paper
local kit = require "kit"
local simclr = require "simclr"

local cfg = simclr.recipe {
  primary = { "zxx", "language tag of the track without speech", from = "inferred" },
}
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
