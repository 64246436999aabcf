--- Cross-modal SimCLR with dubs as counterfactual sound (arXiv 2304.05600): each clip's video against its original
--- track and against a dub. One audio encoder hears both. One secondary language is the bilingual system (+ES);
--- `secondary=es,fr,ja` is the multilingual one (+EFJ), which draws one dub for each clip.
---
---     dubkit run scripts/pretrain/simclr_dub.lua --set data=FOLDER --set secondary=es,fr,ja --set scale=paper
local kit = require "kit"
local simclr = require "simclr"

local cfg = simclr.recipe {
  secondary = { { "es" }, "languages of the dubs", from = "paper" },
  policy = { "draw", "with several dubs: draw one for each clip, or use all", from = "paper" },
}
local films = simclr.films(cfg, { primary = cfg.primary, secondary = cfg.secondary }, { policy = cfg.policy })
local towers, modules = simclr.towers(cfg, "video", "audio")
local nt_xent = kit.loss.nt_xent { temperature = cfg.temperature }

-- The tracks of a clip by name: the primary and the drawn dub, or every dub with policy=all.
local names = cfg.policy == "draw" and { "primary", "secondary" } or { "primary", table.unpack(cfg.secondary) }

return simclr.train(cfg, films, modules, function(batch)
  -- All tracks pass through the audio tower together, so that batch norm sees one batch.
  local sounds = {}
  for i, name in ipairs(names) do sounds[i] = batch.audio[name] end
  local embedded = towers.audio(kit.tensor.concat(sounds))
  local video, terms = towers.video(batch.video), {}
  for i, name in ipairs(names) do
    terms[name] = nt_xent(video, embedded:slice(1, 1 + (i - 1) * #batch.ids, i * #batch.ids))
  end
  return terms
end, function(batch)
  return { video = towers.video(batch.video), audio = towers.audio(batch.audio.primary) }
end)
