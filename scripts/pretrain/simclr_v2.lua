--- The objective of the paper's second version: two views of the video, one of them grey, and two tracks, with weighted
--- terms between any pairs of them (arXiv 2304.05600). The authors' page of public models gives the weights (lambda_v,
--- lambda_a) as (0, 0), (0.2, 0.2) and (0.1, 0.1); which terms they apply to is inferred from their names.
---
---     dubkit run scripts/pretrain/simclr_v2.lua --set within_video=0.1 --set within_audio=0.1
---     dubkit run scripts/pretrain/simclr_v2.lua --set data=FOLDER --set scale=paper
---     dubkit run scripts/pretrain/simclr_v2.lua --set pairs=video_primary:audio_primary:1
local kit = require "kit"
local simclr = require "simclr"

simclr.use_second_version()
local cfg = simclr.recipe {
  scale = {
    "small", "paper (MViTv2-S), small, study (smaller frames) or coarse (smaller spectrograms)", from = "ours",
    choices = { "paper", "small", "study", "coarse" },
  },
  secondary = { { "es" }, "languages of the dubs", from = "paper" },
  within_video = { 0.2, "weight of the term between the views of the video", from = "inferred" },
  within_audio = { 0.2, "weight of the term between the tracks", from = "inferred" },
  pairs = { {}, "terms as view:view:weight instead; views are video_primary, video_secondary (grey), audio_primary, "
    .. "audio_secondary", from = "ours" },
}

--- The terms: pairs of views with their weights.
local terms = {
  { "video_secondary", "audio_primary", 1 }, { "video_primary", "audio_secondary", 1 },
  { "video_primary", "video_secondary", cfg.within_video }, { "audio_primary", "audio_secondary", cfg.within_audio },
}
if #cfg.pairs > 0 then
  terms = {}
  for i, text in ipairs(cfg.pairs) do
    local a, b, weight = text:match("^([%w_]+):([%w_]+):([%d.]+)$")
    if not a then error(("key 'pairs': expected view:view:weight, but got '%s'"):format(text), 0) end
    terms[i] = { a, b, tonumber(weight) }
  end
end

local films = simclr.films(cfg, { primary = cfg.primary, secondary = cfg.secondary }, {
  second_view = {
    kit.augmentation.random_resized_crop { min_area = 0.5 }, kit.augmentation.horizontal_flip {},
    kit.augmentation.greyscale { probability = 1 },
  },
})
local towers, modules = simclr.towers(cfg, "video", "audio")
local nt_xent = kit.loss.nt_xent { temperature = cfg.temperature }

return simclr.train(cfg, films, modules, function(batch)
  -- Views of one kind pass through their tower together, so that batch norm sees one batch.
  local n = #batch.ids
  local video = towers.video(kit.tensor.concat { batch.video, batch.second_video })
  local audio = towers.audio(kit.tensor.concat { batch.audio.primary, batch.audio.secondary })
  local views = {
    video_primary = video:slice(1, 1, n), video_secondary = video:slice(1, n + 1, 2 * n),
    audio_primary = audio:slice(1, 1, n), audio_secondary = audio:slice(1, n + 1, 2 * n),
  }
  local losses = {}
  for _, term in ipairs(terms) do
    local a, b, weight = table.unpack(term)
    for _, name in ipairs { a, b } do
      if not views[name] then error(("key 'pairs': there is no view '%s'"):format(name), 0) end
    end
    if weight > 0 then losses[a .. "_" .. b] = nt_xent(views[a], views[b]) * weight end
  end
  return losses
end, function(batch)
  return { video = towers.video(batch.video), audio = towers.audio(batch.audio.primary) }
end)
