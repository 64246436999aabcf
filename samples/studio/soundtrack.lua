--- The sound of a film: the background that all languages share, the speech in each, and both together.
--
-- A track is a stereo sound [samples, 2] as long as the film; a voice is a mono one [samples, 1].

local kit = require "kit"
local sound = require "studio.sound"
local speech = require "studio.speech"

local soundtrack = {}

--- How loud things are, in dB below full scale.
local loudness = { ambience = -27, event = -17, speech = -22 }
--- The highest peak that a track may have: lossy codecs overshoot.
local ceiling = 0.6

--- The ambience's level (0..1) and how far through its swell (-1..1) a moment is.
function soundtrack.moment(plan, time)
  local level, phase = 0, 1
  for _, swell in ipairs(plan.swells) do
    local from_top = (time - swell.time) / swell.width
    local here = swell.strength * math.exp(-from_top * from_top)
    if here > level then
      level, phase = here, math.max(-1, math.min(1, from_top / 1.6))
    end
  end
  return { time = time, level = level, phase = phase }
end

--- The level over a part of the film, as a curve [samples, 1].
local function level_curve(plan, start, stop)
  local points, step = {}, 0.02
  local count = math.ceil((stop - start) / step) + 1
  for n = 1, count do points[n] = soundtrack.moment(plan, start + (n - 1) * (stop - start) / (count - 1)).level end
  return sound.curve(kit.tensor.from(points):reshape { count, 1 }, stop - start)
end

--- Ambience of all shots, one after the other.
local function ambience(plan, random)
  local parts = {}
  for n, shot in ipairs(plan.shots) do
    local level, length = level_curve(plan, shot.start, shot.stop), shot.stop - shot.start
    local function ear(name) return shot.scene.ambience(random:derived(name, n), length, level) end
    parts[n] = sound.level(kit.tensor.concat { ear "left", ear "right", axis = 2 }, loudness.ambience)
  end
  -- Lengths of shots are rounded to samples, so that together they may miss the film's by one.
  return sound.place(kit.tensor.concat(parts), 0, plan.seconds)
end

--- Ambience and events. `positions` says how far left (-1) or right (1) each place of the stage is heard.
function soundtrack.background(plan, random, positions)
  local total = ambience(plan, random:derived "ambience")
  for n, happening in ipairs(plan.happenings) do
    local plain = happening.event.sound(random:derived("event", n))
    local noise = sound.level(sound.faster(plain, happening.speed), loudness.event)
    total = total + sound.place(sound.pan(noise, positions[happening.place]), happening.time, plan.seconds)
  end
  return total
end

--- Speaks the plan's lines one after the other, until the film ends. Returns the spoken lines, each with `start` and
--- `stop`, and a voice for each language; the first is the original.
function soundtrack.dialogue(plan, languages)
  local spoken, voices, time = {}, {}, 0
  for _, language in ipairs(languages) do voices[language] = sound.silence(plan.seconds) end
  for _, line in ipairs(plan.lines) do
    local start = time + line.pause
    if start > plan.seconds - plan.margin then break end
    local sentence = speech.sentence(line.sentence, plan.speaker, plan.manner, languages)
    local stop = start + #sentence[languages[1]] / sound.rate
    if stop > plan.seconds - plan.margin then break end
    for language, said in pairs(sentence) do
      local loud = sound.level(said, loudness.speech + plan.manner.gain)
      voices[language] = voices[language] + sound.place(loud, start, plan.seconds)
    end
    spoken[#spoken + 1] = { line = line, start = start, stop = stop }
    time = stop
  end
  return spoken, voices
end

--- How far the mouth is open in each frame: the loudness of the voice, 0..1.
function soundtrack.mouth(voice, frames)
  local each = voice:shape()[1] // frames
  local power = (voice * voice):slice(1, 1, frames * each):reshape { frames, each }:mean(2)
  local opening = power:sqrt()
  return (opening / (opening:max() + 1e-6) * 1.5):clamp(0, 1):values()
end

--- Tracks by language, all scaled by the same factor so that none is louder than the ceiling.
function soundtrack.fitted(tracks)
  local peak, fitted = 0, {}
  for _, track in pairs(tracks) do peak = math.max(peak, track:abs():max():item()) end
  local gain = math.min(1, ceiling / peak)
  for language, track in pairs(tracks) do fitted[language] = track * gain end
  return fitted
end

return soundtrack
