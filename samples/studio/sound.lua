--- Sounds from operations on whole signals.
--
-- A mono sound is a tensor [samples, 1], a stereo one [samples, 2], at `sound.rate`; times are in seconds,
-- frequencies in Hz. Noise comes from a random stream, so the same stream gives the same noise.

local kit = require "kit"

local sound = { rate = 48000 }

--- The number of samples in a time.
function sound.samples(seconds) return math.floor(seconds * sound.rate + 0.5) end

function sound.silence(seconds) return kit.tensor.zeros { sound.samples(seconds), 1 } end

--- The time of each sample.
function sound.time(seconds)
  local count = sound.samples(seconds)
  return kit.tensor.linspace { stop = (count - 1) / sound.rate, count = count }:reshape { count, 1 }
end

--- A sine; the frequency is a number.
function sound.tone(frequency, seconds) return (sound.time(seconds) * (2 * math.pi * frequency)):sin() end

--- A sum of sines that fade, the higher the faster, as of something struck. `partials` are ratios to the frequency.
function sound.struck(frequency, partials, seconds, decay)
  local total = sound.silence(seconds)
  for _, ratio in ipairs(partials) do
    total = total + sound.tone(frequency * ratio, seconds) * sound.fade(seconds, decay / ratio ^ 0.5)
  end
  return total / #partials
end

--- exp(-t / decay).
function sound.fade(seconds, decay) return (sound.time(seconds) / -decay):exp() end

--- 1 in the middle and 0 at both ends, with ramps of `ramp` seconds.
function sound.gate(seconds, ramp)
  local time = sound.time(seconds)
  return (time / ramp):clamp(0, 1) * ((seconds - time) / ramp):clamp(0, 1)
end

--- A smooth curve through values at equal distances; `values` is a tensor [points, 1].
function sound.curve(values, seconds)
  local count = sound.samples(seconds)
  local points = values:shape()[1]
  local each = math.ceil(count / (points - 1))
  local share = kit.tensor.linspace { stop = 1 - 1 / each, count = each }:reshape { 1, each }
  local from, to = values:slice(1, 1, points - 1), values:slice(1, 2, points)
  return (from + (to - from) * share):reshape { (points - 1) * each, 1 }:slice(1, 1, count)
end

--- Noise below a frequency.
function sound.rumble(random, cutoff, seconds)
  return sound.curve(random:normal { math.ceil(seconds * cutoff * 2) + 2, 1 }, seconds)
end

--- Noise of a band around a frequency: slow noise rides on a sine.
function sound.band(random, centre, width, seconds)
  return sound.rumble(random, width / 2, seconds) * sound.tone(centre, seconds)
end

function sound.white(random, seconds) return random:normal { sound.samples(seconds), 1 } end

--- Noise without its low frequencies.
function sound.hiss(random, seconds)
  local white = sound.white(random, seconds)
  local count = white:shape()[1]
  local later = kit.tensor.concat { white:slice(1, 2, count), white:slice(1, 1, 1) }
  return (white - later) * 0.7
end

--- Puts a mono sound between left (-1) and right (1), with the same power everywhere.
function sound.pan(mono, position)
  local angle = (position + 1) * math.pi / 4
  return mono * kit.tensor.from { math.cos(angle), math.sin(angle) }
end

--- A sound with silence before and after, `seconds` long in all; the rest is cut.
function sound.place(signal, start, seconds)
  local total, first = sound.samples(seconds), sound.samples(start)
  local length, channels = table.unpack(signal:shape())
  if first + length > total then
    length = total - first
    signal = signal:slice(1, 1, length)
  end
  local before = kit.tensor.zeros { first, channels }
  local after = kit.tensor.zeros { total - first - length, channels }
  return kit.tensor.concat { before, signal, after }
end

--- A sound some samples late, as long as before.
function sound.late(signal, delay)
  local count, channels = table.unpack(signal:shape())
  return kit.tensor.concat { kit.tensor.zeros { delay, channels }, signal:slice(1, 1, count - delay) }
end

--- A sound played faster (or slower below 1), and so higher.
function sound.faster(signal, speed)
  if speed == 1 then return signal end
  local count, channels = table.unpack(signal:shape())
  local length = math.floor(count / speed)
  return signal:reshape { 1, count, channels }:interpolate({ length }):reshape { length, channels }
end

--- The root of the mean square.
function sound.loudness(signal) return math.sqrt((signal * signal):mean():item()) end

--- Scales a sound to a loudness in dB below full scale.
function sound.level(signal, decibels) return signal * (10 ^ (decibels / 20) / (sound.loudness(signal) + 1e-9)) end

return sound
