--- Compares separator.open_unmix with pip openunmix at full size, on the folder that
--- `Tests/Oracle/separators.py FOLDER` wrote.
---
---     dubkit run scripts/dev/compare_open_unmix.lua --set data=FOLDER
local kit = require "kit"

local cfg = kit.recipe { data = { "open_unmix", "the folder that separators.py wrote", from = "ours" } }

local function read(name) return kit.media.read_audio { path = cfg.data .. "/" .. name, sample_rate = 44100 } end

local separator = kit.separator.open_unmix { weights = cfg.data .. "/weights.safetensors" }
local sound, expected = read "sound.wav", read "openunmix.wav"
local begin = os.clock()
local difference = (separator:separate(sound, 44100) - expected):abs():max():item()
print(("%s: %.1f s of sound in %.2f s of processor time"):format(separator, #sound / 44100, os.clock() - begin))
print(("largest difference %.2e of %.4f"):format(difference, expected:abs():max():item()))
if difference > 1e-4 then error("they differ by more than 1e-4", 0) end
