--- Adds a track without speech to films, tagged zxx ("no linguistic content"): pictures and other tracks are copied
--- as they are. Each film appears whole or not at all, and one that has the track is passed over: go on with the
--- same command.
---
---     dubkit run scripts/separate/remove_speech.lua --set data=FOLDER --set language=en
---     dubkit run scripts/separate/remove_speech.lua --set data=FOLDER --set separator=mask_unet=unet.safetensors
local kit = require "kit"
local separators = require "separators"

local cfg = kit.recipe {
  data = { "samples/movies", "folder of films, or one film", from = "ours" },
  out = { "", "folder for the new films; empty puts each in place of the old one", from = "ours" },
  separator = { "center", "center, mask_unet=weights or open_unmix=weights", from = "ours" },
  language = { "", "the track to take the speech out of; empty if films have but one", from = "ours" },
  tag = { "zxx", "language that the new track is tagged with", from = "inferred" },
  container = { "", "container of the new films, such as mkv; empty keeps each film's own", from = "ours" },
  overwrite = { false, "make tracks anew that are there already", from = "ours" },
}

local function given(text) return text ~= "" and text or nil end

return kit.remove_speech {
  data = cfg.data, out = given(cfg.out), separator = separators.named(cfg.separator), language = given(cfg.language),
  tag = cfg.tag, container = given(cfg.container), overwrite = cfg.overwrite,
}
