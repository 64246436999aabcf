--- First steps, 2: a film with four sound tracks.
--
--   dubkit run samples/first-steps/02-a-film.lua
--   dubkit run samples/first-steps/02-a-film.lua --set film=samples/movies/film-002.mkv --set at=4.0

local kit = require "kit"

-- These keys can be set on the command line.
local cfg = kit.recipe { film = "samples/movies/film-001.mp4", at = 1.0 }

-- `<close>` closes the file at the end of the script, also after an error.
local film <close> = kit.media.open { path = cfg.film }
print(film)

-- Three seconds of video, as a network would see them: [time, height, width, channels], 0 is black and 1 is white.
local frames = film:frames(cfg.at, 3, 16)
print("frames", table.concat(frames:shape(), " x "))
print("mean colour: red, green, blue", frames:mean { 1, 2, 3 })

-- How much the image moves, one line for each of the 15 steps from one frame to the next.
local moved = (frames:slice(1, 2, 16) - frames:slice(1, 1, 15)):abs():mean { 2, 3, 4 }
for step, amount in ipairs((moved / moved:max()):values()) do
  print(("%2d %s"):format(step, ("#"):rep(math.floor(amount * 40))))
end

-- The two tracks as sound: [samples, channels].
local original, dub = film:audio("en", cfg.at, 3), film:audio("es", cfg.at, 3)
local function loudness(sound) return 10 * math.log((sound * sound):mean():item() + 1e-12, 10) end
print(("loudness: original %.1f dB, dub %.1f dB"):format(loudness(original), loudness(dub)))

-- A dub differs from the original only in speech: where nobody speaks, the difference is close to silence.
local difference = ((original - dub) ^ 2):slice(1, 1, 30 * 4800):reshape { 30, -1 }:mean(2)
for tenth, power in ipairs(difference:values()) do
  local level = 10 * math.log(power + 1e-12, 10)
  print(("%.1f s  %6.1f dB %s"):format(cfg.at + (tenth - 1) / 10, level, level > -35 and "speech" or ""))
end
