--- The differences between a sound and its recording: room, level, tone and hiss. They are the same for all tracks of
--- a film and unrelated to its labels, so that the mean spectrum does not give the labels away.

local kit = require "kit"
local sound = require "studio.sound"

local recording = {}

local reflections, farthest = 6, 300

--- The shortest time in which a room's sound decays by 60 dB, and how much louder than it the direct sound is, in dB.
local dry, distances = 0.1, { -6, 9 }

--- A room: one of a folder of impulse responses, or decaying noise that lasts `longest` seconds at most.
local function room(random, longest, folder)
  if folder then return kit.augmentation.room_reverb { path = folder, probability = 1, loudness = "energy" } end
  local decay, direct = dry * (longest / dry) ^ random:uniform(), random:uniform(table.unpack(distances))
  return kit.augmentation.room_reverb {
    min = decay, max = decay, direct = direct, probability = 1, loudness = "energy",
  }
end

--- Draws a recording. `most` has upper limits for a film: `level` (dB up or down), `tone` (0..0.9: how strong
--- reflections are, which raise some frequencies and lower others), `hiss` (dB below full scale at its loudest, nil for
--- none) and `reverb` (seconds in which the sound of a room decays by 60 dB, nil for none); or `rooms`, a folder of
--- impulse responses.
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
    room = (most.reverb or most.rooms) and room(random:derived "room", most.reverb, most.rooms),
    hiss = most.hiss and most.hiss - random:uniform(0, 20),
    random = random,
  }
end

--- The track [samples, 2] as recorded, in the same way for all tracks of a film.
function recording.of(track, how)
  if how.room then track = how.room:apply(track, how.random:derived "echoes", sound.rate) end
  local recorded = track
  for _, tone in ipairs(how.tones) do recorded = recorded + sound.late(track, tone.delay) * tone.strength end
  recorded = recorded * how.gain
  if not how.hiss then return recorded end
  return recorded + how.random:derived("hiss"):derived("ears"):normal(track:shape()) * 10 ^ (how.hiss / 20)
end

return recording
