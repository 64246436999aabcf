--- How far an embedding moves when a sound is swapped for a counterfactual one.
--
-- Features are brought to deviation 1 over the originals. A move is the mean distance between a film's original and its
-- counterfactual, divided by the mean distance between one film's original and the next one's: at 1 the embedding moves
-- as far as to another film.

local kit = require "kit"

local sensitivity = {}

--- The counterfactual tracks of the world's set `swaps`, by what they change.
local swaps = {
  move_silent = "zxx", move_speech = "qaa", move_background = "qab", move_shuffled = "qac", move_dub = "es",
}

--- The mean distance between rows.
local function distance(a, b)
  local apart = a - b
  return (apart * apart):sum(2):sqrt():mean():item()
end

--- The moves by name, and `speech_sensitivity`: that of a speech swap divided by that of a background swap.
--- `embed` gives the features of a list of tracks by view.
function sensitivity.of(embed)
  local tracks = { "en" }
  for _, track in pairs(swaps) do tracks[#tracks + 1] = track end
  local features = embed(tracks)
  local original = features["audio.en"]:values()
  local deviation = original:variance(1):sqrt() + 1e-6
  local function scaled(name) return features["audio." .. name]:values() / deviation end
  local here, count = scaled "en", #original
  local next_film = kit.tensor.concat { here:slice(1, 2, count), here:slice(1, 1, 1) }
  local apart, moves = distance(here, next_film), {}
  for name, track in pairs(swaps) do moves[name] = distance(here, scaled(track)) / apart end
  moves.speech_sensitivity = moves.move_speech / moves.move_background
  return moves
end

return sensitivity
