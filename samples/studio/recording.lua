--- The differences between a sound and its recording: level, tone and hiss. They are the same for all tracks of a
--- film and unrelated to its labels, so that the mean spectrum does not give the labels away.

local sound = require "studio.sound"

local recording = {}

local reflections, farthest = 6, 300

--- Draws a recording. `most` has `level` (dB up or down), `tone` (0..0.9: how strong reflections are, which raise some
--- frequencies and lower others) and `hiss` (dB below full scale at its loudest, nil for none), which are upper
--- limits for a film.
function recording.draw(random, most)
  local tones, power = {}, 1
  for n = 1, most.tone > 0 and reflections or 0 do
    local delay = math.floor(farthest ^ random:uniform())
    tones[n] = { delay = delay, strength = random:uniform(-most.tone, most.tone) }
    power = power + tones[n].strength ^ 2
  end
  return {
    gain = 10 ^ (random:uniform(-most.level, most.level) / 20) / power ^ 0.5,
    tones = tones,
    hiss = most.hiss and most.hiss - random:uniform(0, 20),
    random = random:derived "hiss",
  }
end

--- The track [samples, 2] as recorded, in the same way for all tracks of a film.
function recording.of(track, how)
  local recorded = track
  for _, tone in ipairs(how.tones) do recorded = recorded + sound.late(track, tone.delay) * tone.strength end
  recorded = recorded * how.gain
  if not how.hiss then return recorded end
  return recorded + how.random:derived("ears"):normal(track:shape()) * 10 ^ (how.hiss / 20)
end

return recording
