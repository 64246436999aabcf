--- Adds a track without speech to films, tagged zxx ("no linguistic content"); video and other tracks are copied
--- unchanged. Each film appears whole or not at all, and films that have the track already are skipped, so the same
--- command resumes after an interruption.
---
---     dubkit run scripts/separate/remove_speech.lua --set data=FOLDER --set language=en
---     dubkit run scripts/separate/remove_speech.lua --set data=FOLDER --set separator=mask_unet=unet.safetensors
local kit = require "kit"
local keys = require "keys"
local separators = require "separators"
local given = keys.given

local cfg = kit.recipe {
  data = { "samples/movies", "folder of films, or one film", from = "ours" },
  out = { "", "folder for the new films; empty replaces each film", from = "ours" },
  separator = { "center", "center, mask_unet=weights or open_unmix=weights", from = "ours" },
  language = { "", "language of the track to remove speech from; empty if films have only one", from = "ours" },
  tag = { "zxx", "language tag of the new track", from = "inferred" },
  container = { "", "container of the new films, such as mkv; empty keeps each film's own", from = "ours" },
  overwrite = { false, "recreate tracks that already exist", from = "ours" },
}

return kit.remove_speech {
  data = cfg.data, out = given(cfg.out), separator = separators.named(cfg.separator), language = given(cfg.language),
  tag = cfg.tag, container = given(cfg.container), overwrite = cfg.overwrite,
}
