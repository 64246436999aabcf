--- What lies between a sound and its recording: another level, another tone, hiss. It is the same for all tracks of a
--- film, and tells nothing of it: a label that the mean spectrum gives away is none that has to be understood.

local kit = require "kit"
local sound = require "studio.sound"

local recording = {}

--- Draws a recording. `most` has `level` (dB up or down), `tone` (0..0.9: how bright or dull) and `hiss` (dB below full
--- scale at its loudest, nil for none), of which a film gets no more.
function recording.draw(random, most)
  return {
    level = random:uniform(-most.level, most.level),
    tone = random:uniform(-most.tone, most.tone),
    hiss = most.hiss and most.hiss - random:uniform(0, 20),
    random = random:derived "hiss",
  }
end

--- The track [samples, 2] as recorded.
function recording.of(track, how)
  local count, channels = table.unpack(track:shape())
  local before = kit.tensor.concat { kit.tensor.zeros { 1, channels }, track:slice(1, 1, count - 1) }
  local toned = track + before * how.tone
  local loudness = 20 * math.log(sound.loudness(track) + 1e-9, 10)
  local recorded = sound.level(toned, loudness + how.level)
  if not how.hiss then return recorded end
  return recorded + how.random:derived("ears"):normal { count, channels } * 10 ^ (how.hiss / 20)
end

return recording
