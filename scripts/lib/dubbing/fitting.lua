--- Fits a spoken line to the moment of the film in which it is heard: length, pitch, spectrum, loudness.
local kit = require "kit"

local fitting = { rate = 48000 }

--- Seconds by which the equaliser delays a sound: half the length of its filter.
local delay = 0.02

--- The sound without the silence at its ends: what is 45 dB below its loudest moment, in steps of 5 ms. Nil for
--- silence.
function fitting.trimmed(sound)
  local step = fitting.rate // 200
  local count = sound:shape()[1] // step
  if count == 0 then return nil end
  local levels = sound:slice(1, 1, count * step):slice(2, 1, 1):reshape { count, step }:abs():max(2)
  local loudest = levels:max():item()
  if loudest == 0 then return nil end
  local first, last
  for n, level in ipairs(levels:reshape { count }:values()) do
    if level > loudest * 10 ^ (-45 / 20) then first, last = first or n, n end
  end
  return sound:slice(1, (first - 1) * step + 1, math.min(sound:shape()[1], last * step))
end

local function clamp(value, low, high) return math.max(low, math.min(high, value)) end

--- Changes tempo and pitch; formants stay where they are.
local function stretched(sound, tempo, pitch)
  if math.abs(tempo - 1) < 1e-3 and math.abs(pitch - 1) < 1e-3 then return sound end
  -- The stretcher swallows or delays some milliseconds, so give it silence around the sound and trim it afterwards.
  local silence = kit.tensor.zeros { fitting.rate // 5, sound:shape()[2] }
  return fitting.trimmed(kit.media.filter_audio {
    samples = kit.tensor.concat { silence, sound, silence },
    filters = ("rubberband=tempo=%.6f:pitch=%.6f:formant=preserved:pitchq=quality"):format(tempo, pitch),
  })
end

--- A line at the tempo and pitch that fit.
---
---   sound     [samples, 1]
---   seconds   the time that there is for it
---   pitch     the wanted median in Hz; nil keeps the voice's own
---   limits    { the least, the greatest } ratio of tempo
---
--- Returns the sound, and a table for the manifest.
function fitting.timed(sound, seconds, pitch, limits)
  sound = fitting.trimmed(sound)
  if not sound then error("the voice was silent", 0) end
  local own = pitch and kit.media.median_pitch { samples = sound }
  local length = sound:shape()[1] / fitting.rate
  local tempo = clamp(length / seconds, limits[1], limits[2])
  local shift = own and clamp(pitch / own, 0.5, 2) or 1
  local fitted = stretched(sound, tempo, shift)
  local reached = own and kit.media.median_pitch { samples = fitted }
  -- Voiced parts are not found alike before and after, so correct once by what came out.
  if reached and math.abs(12 * math.log(pitch / reached, 2)) > 0.2 then
    shift = clamp(shift * pitch / reached, 0.5, 2)
    fitted = stretched(sound, tempo, shift)
    reached = kit.media.median_pitch { samples = fitted }
  end
  local over = length / tempo - seconds
  return fitted, {
    spoken_seconds = length, too_long = over > 0.05 and over or nil, tempo = tempo,
    seconds = fitted:shape()[1] / fitting.rate, voice_pitch = own, pitch_ratio = shift, pitch = reached,
  }
end

--- The filter that gives a voice the spectrum of another, from their summed powers by band. The curve is smoothed over
--- three bands and stays within 12 dB; its mean is 0 dB.
function fitting.equaliser(centres, from, to)
  local gains, sum, count = {}, 0, 0
  for n = 1, #centres do
    if from[n] > 0 and to[n] > 0 then
      gains[n] = 10 * math.log(to[n] / from[n], 10)
      sum, count = sum + gains[n], count + 1
    end
  end
  if count == 0 then return nil end
  local entries = {}
  for n, centre in ipairs(centres) do
    local total, weight = 0, 0
    for k = math.max(1, n - 1), math.min(#centres, n + 1) do
      if gains[k] then total, weight = total + gains[k] - sum / count, weight + 1 end
    end
    entries[n] = ("entry(%.1f,%.2f)"):format(centre, weight > 0 and clamp(total / weight, -12, 12) or 0)
  end
  return ("firequalizer=delay=%g:gain_entry='%s'"):format(delay, table.concat(entries, ";"))
end

--- A sound behind the equaliser, at its own time and of its own length.
function fitting.equalised(sound, filter)
  if not filter then return sound end
  local count = sound:shape()[1]
  local silence = kit.tensor.zeros { fitting.rate // 10, sound:shape()[2] }
  local shaped = kit.media.filter_audio { samples = kit.tensor.concat { sound, silence }, filters = filter }
  local first = math.floor(delay * fitting.rate)
  return shaped:slice(1, first + 1, first + count)
end

--- A sound times a gain that gives it a loudness in LUFS, and the gain in dB.
function fitting.levelled(sound, loudness)
  local own = kit.media.loudness({ samples = sound }).integrated
  if not own then return sound, 0 end
  local gain = clamp(loudness - own, -40, 40)
  return sound * 10 ^ (gain / 20), gain
end

--- Sound behind a limiter of true peaks, of its own length.
---
---   limit     the highest value, 0.0625 to 1
---   release   milliseconds until the gain is 1 again
local function without_peaks(sound, limit, release)
  local rate = fitting.rate
  local softer = kit.media.filter_audio {
    samples = sound,
    filters = ("aresample=%d,alimiter=limit=%.4f:attack=2:release=%d:level=false:latency=true,aresample=%d"):format(
      4 * rate, clamp(limit, 0.0625, 1), release, rate),
  }
  local count, channels = sound:shape()[1], sound:shape()[2]
  return kit.tensor.concat({ softer, kit.tensor.zeros { rate // 10, channels } }):slice(1, 1, count)
end

--- Holds the true peak of `sound` on `background`, both [samples, 2], to `ceiling` dBTP: the sound's own peaks first,
--- then its gain. Returns the sound, the gain in dB, and the true peak. A background that is louder alone stays as it
--- is.
function fitting.limited(sound, background, ceiling)
  local function peak(x) return kit.media.loudness({ samples = x + background }).true_peak or -math.huge end
  local reached = peak(sound)
  if reached <= ceiling then return sound, 0, reached end
  local alone = kit.media.loudness({ samples = background }).true_peak or -math.huge
  if alone > ceiling then return sound, 0, reached end
  local room = 10 ^ (ceiling / 20) - 10 ^ (alone / 20)
  local softer = without_peaks(sound, math.max(room, 10 ^ ((ceiling - 3) / 20)), 30)
  local gain = 0
  for _ = 1, 20 do
    reached = peak(softer * 10 ^ (gain / 20))
    if reached <= ceiling then break end
    gain = gain - math.max(0.25, reached - ceiling)
  end
  return softer * 10 ^ (gain / 20), gain, reached
end

--- Seconds that a limiter hears before a piece, so that pieces fit together, and after it.
local lead, tail = 1, 0.1

--- A function (start, seconds) that reads what `read` does, louder by `gain` dB. Only peaks above `ceiling` dBTP are
--- limited.
function fitting.raised(read, gain, ceiling)
  return function(start, seconds)
    local early = math.min(start, lead)
    local sound = read(start - early, early + seconds + tail) * 10 ^ (gain / 20)
    -- Between samples, sound is hardly ever twice as loud as at them.
    if sound:abs():max():item() > 10 ^ ((ceiling - 6) / 20) then
      -- The resamplers around the limiter let peaks rise a little.
      sound = without_peaks(sound, 10 ^ ((ceiling - 0.5) / 20), 50)
    end
    local first = math.floor(early * fitting.rate + 0.5)
    return sound:slice(1, first + 1, first + math.floor(seconds * fitting.rate + 0.5))
  end
end

return fitting
