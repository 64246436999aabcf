--- Counterfactual tracks of a film under private language codes, and its background without speech, which is
--- under zxx ("no linguistic content" in ISO 639-2):
--
--   qaa   the same background, another sentence of another speaker, in the original's language
--   qab   the same speech, another background
--   qac   the same background, the same speech in shuffled segments of a quarter of a second

local kit = require "kit"
local film = require "studio.film"
local sound = require "studio.sound"
local soundtrack = require "studio.soundtrack"

local swaps = { silent = "zxx", codes = { "qaa", "qab", "qac" } }

--- A voice in shuffled segments, each with a short ramp at both ends.
local function shuffled(voice, random)
  local piece = sound.samples(0.25)
  local count = voice:shape()[1] // piece
  local ramp = sound.gate(0.25, 0.005)
  local parts = {}
  for n, from in ipairs(random:permutation(count)) do
    parts[n] = voice:slice(1, (from - 1) * piece + 1, from * piece) * ramp
  end
  return sound.place(kit.tensor.concat(parts), 0, voice:shape()[1] / sound.rate)
end

--- Whether two plans differ in every factor that a swap changes.
function swaps.differ(one, other)
  return one.shots[1].scene ~= other.shots[1].scene and one.shots[1].events[1] ~= other.shots[1].events[1]
    and one.speaker ~= other.speaker and (#one.lines == 0 or one.lines[1].phrase ~= other.lines[1].phrase)
end

--- The tracks by code. `voice` is the plan's own; `other` is a plan that differs.
function swaps.tracks(plan, random, background, voice, other, original)
  local _, voices = soundtrack.dialogue(other, { original })
  local elsewhere = film.background(other, random:derived "other background")
  return {
    qaa = film.mixed(plan, background, voices[original]),
    qab = film.mixed(plan, elsewhere, voice),
    qac = film.mixed(plan, background, shuffled(voice, random:derived "shuffled")),
  }
end

return swaps
