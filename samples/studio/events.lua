--- Ten sound events, each seen and heard at the same moment.
--
--   sound(random)                     a mono sound that begins with the event
--   paint(canvas, x, y, age, ahead)   paints the thing at its place, `age` seconds after its last event and `ahead`
--                                     before its next (`math.huge` if there is none); about 0.3 image heights wide

local sound = require "studio.sound"

local sin, exp, pi = math.sin, math.exp, math.pi

--- 1 at an event, then fading.
local function fading(age, decay) return exp(-age / decay) end

local ball = { name = "ball" }

function ball.sound(random)
  local fall = (sound.fade(0.5, 0.05) * 4 + sound.time(0.5) * 90) * (2 * pi)
  return (fall:sin() * sound.fade(0.5, 0.12)) + sound.rumble(random, 900, 0.5) * sound.fade(0.5, 0.015)
end

function ball.paint(canvas, x, y, age, ahead)
  local apart = math.min(age, ahead, 0.5) / 0.5 -- 0 when it hits the ground
  local height, squash = 0.34 * apart * (2 - apart), fading(math.min(age, ahead), 0.06)
  canvas:ellipse(x, y + 0.14, 0.12, 0.02, { 0.05, 0.05, 0.05 }, 0.5)
  canvas:ellipse(x, y + 0.06 - height, 0.08 * (1 + 0.4 * squash), 0.08 * (1 - 0.4 * squash), { 0.95, 0.25, 0.55 })
end

local bell = { name = "bell" }

function bell.sound()
  return sound.struck(520, { 1, 2, 2.4, 3, 4.2, 5.4 }, 1.4, 0.5)
end

function bell.paint(canvas, x, y, age)
  local swing = 0.13 * fading(age, 0.7) * sin(2 * pi * 1.6 * age)
  canvas:line(x, y - 0.18, x + swing / 2, y - 0.06, 0.015, { 0.30, 0.20, 0.10 })
  canvas:disc(x + swing * 0.8, y - 0.02, 0.075, { 0.95, 0.75, 0.20 })
  canvas:box(x + swing - 0.10, y, x + swing + 0.10, y + 0.07, { 0.95, 0.75, 0.20 })
  canvas:disc(x - swing * 0.6 + swing, y + 0.09, 0.03, { 0.60, 0.42, 0.10 })
  canvas:glow(x + swing, y, 0.15, { 0.8, 0.6, 0.1 }, fading(age, 0.4))
end

local lamp = { name = "lamp" }

function lamp.sound()
  local seconds = 0.5
  return (sound.tone(1000, seconds) + sound.tone(3000, seconds) * 0.3) * sound.gate(seconds, 0.01)
end

function lamp.paint(canvas, x, y, age)
  local on = age < 0.5 and 1 or 0
  canvas:box(x - 0.03, y, x + 0.03, y + 0.14, { 0.30, 0.30, 0.32 })
  canvas:disc(x, y - 0.03, 0.07, { 0.10 + 0.3 * on, 0.30 + 0.7 * on, 0.15 + 0.3 * on })
  if on > 0 then canvas:glow(x, y - 0.03, 0.22, { 0.2, 1.0, 0.4 }, 0.8) end
end

local knocking = { name = "knocking" }
local knocks = { 0, 0.16, 0.32 }

function knocking.sound(random)
  local seconds, total = 0.6, sound.silence(0.6)
  for _, start in ipairs(knocks) do
    local body = sound.struck(210, { 1, 1.6, 2.7 }, 0.25, 0.05)
    local knock = body + sound.rumble(random, 1500, 0.25) * sound.fade(0.25, 0.01)
    total = total + sound.place(knock, start, seconds)
  end
  return total
end

function knocking.paint(canvas, x, y, age)
  local reach = 0
  for _, start in ipairs(knocks) do
    if age >= start then reach = fading(age - start, 0.08) end
  end
  canvas:box(x - 0.05, y - 0.18, x + 0.15, y + 0.18, { 0.42, 0.24, 0.12 })
  canvas:disc(x + 0.12, y + 0.02, 0.015, { 0.85, 0.75, 0.30 })
  canvas:disc(x - 0.13 + 0.11 * reach, y - 0.02, 0.05, { 0.92, 0.74, 0.60 })
  canvas:line(x - 0.25, y + 0.10, x - 0.13 + 0.11 * reach, y - 0.02, 0.04, { 0.20, 0.30, 0.60 })
end

local drum = { name = "drum" }

function drum.sound(random)
  local body = sound.tone(160, 0.4) * sound.fade(0.4, 0.09)
  return body + sound.hiss(random, 0.4) * sound.fade(0.4, 0.05) * 0.5
end

function drum.paint(canvas, x, y, age)
  local hit = fading(age, 0.15)
  canvas:box(x - 0.13, y, x + 0.13, y + 0.14, { 0.70, 0.10, 0.10 })
  canvas:ellipse(x, y, 0.13 + 0.03 * hit, 0.04 + 0.02 * hit, { 0.95, 0.93, 0.85 })
  canvas:line(x + 0.02, y - 0.02 - 0.12 * (1 - hit), x + 0.18, y - 0.18, 0.02, { 0.55, 0.38, 0.20 })
  canvas:glow(x, y, 0.18, { 0.9, 0.9, 0.8 }, hit)
end

local kettle = { name = "kettle" }

function kettle.sound(random)
  local seconds = 0.9
  local vibrato = sound.tone(7, seconds) * 4
  local whistle = (sound.time(seconds) * (2 * pi * 2200) + vibrato):sin()
  return (whistle + sound.hiss(random, seconds) * 0.2) * sound.gate(seconds, 0.12)
end

function kettle.paint(canvas, x, y, age)
  canvas:ellipse(x, y + 0.07, 0.11, 0.09, { 0.45, 0.50, 0.58 })
  canvas:line(x + 0.08, y + 0.05, x + 0.15, y - 0.02, 0.03, { 0.45, 0.50, 0.58 })
  canvas:ring(x, y - 0.01, 0.07, 0.02, { 0.12, 0.12, 0.14 })
  if age < 1.2 then
    for puff = 1, 4 do
      local rise = (age * 1.5 + puff / 4) % 1
      canvas:disc(x + 0.16 + 0.06 * rise, y - 0.05 - 0.22 * rise, 0.03 + 0.05 * rise, { 1, 1, 1 },
        (1 - rise) * math.min(1, (1.2 - age) * 3))
    end
  end
end

local siren = { name = "siren" }

function siren.sound()
  local seconds = 1.0
  local wail = sound.tone(2, seconds) * 24
  local phase = sound.time(seconds) * (2 * pi * 750) + wail
  return (phase:sin() + (phase * 2):sin() * 0.4) * sound.gate(seconds, 0.03)
end

function siren.paint(canvas, x, y, age)
  canvas:box(x - 0.09, y + 0.06, x + 0.09, y + 0.12, { 0.25, 0.25, 0.28 })
  local on = age < 1.0
  canvas:box(x - 0.06, y - 0.06, x + 0.06, y + 0.06, on and { 0.4, 0.5, 1.0 } or { 0.10, 0.14, 0.40 })
  if on then
    local beam = 0.22 * math.cos(2 * pi * 2 * age)
    canvas:glow(x + beam, y, 0.20, { 0.2, 0.3, 1.0 }, 1)
  end
end

local glass = { name = "glass" }

function glass.sound(random)
  local seconds, total = 0.7, sound.silence(0.7)
  for _ = 1, 7 do
    local shard = sound.struck(random:uniform(2200, 5200), { 1, 1.47, 2.09 }, 0.4, 0.06)
    total = total + sound.place(shard, random:uniform(0, 0.25), seconds)
  end
  return total + sound.hiss(random, seconds) * sound.fade(seconds, 0.03)
end

function glass.paint(canvas, x, y, age)
  local blue = { 0.75, 0.92, 1.0 }
  canvas:box(x - 0.12, y + 0.12, x + 0.12, y + 0.15, { 0.40, 0.30, 0.22 })
  if age < 0.8 then
    for shard = 0, 6 do
      local angle = pi * (0.1 + 0.8 * shard / 6)
      local far = 0.35 * age
      canvas:disc(x + far * math.cos(angle) * 1.4, y + 0.08 - far * sin(angle) + 0.5 * age * age, 0.022, blue, 1 - age)
    end
    canvas:glow(x, y + 0.05, 0.15, { 0.7, 0.9, 1.0 }, fading(age, 0.12))
  else -- A new glass is there.
    canvas:box(x - 0.045, y - 0.03, x + 0.045, y + 0.12, blue, 0.9 * math.min(1, (age - 0.8) * 4))
  end
end

local horn = { name = "horn" }

function horn.sound()
  local seconds, total = 0.6, sound.silence(0.6)
  for harmonic = 1, 5 do
    total = total + (sound.tone(349 * harmonic, seconds) + sound.tone(440 * harmonic, seconds)) / harmonic
  end
  return total * sound.gate(seconds, 0.02)
end

function horn.paint(canvas, x, y, age)
  local on = age < 0.6
  local jolt = on and 0.012 * sin(age * 60) or 0
  canvas:box(x - 0.16, y + jolt, x + 0.16, y + 0.10 + jolt, { 0.10, 0.55, 0.55 })
  canvas:box(x - 0.08, y - 0.07 + jolt, x + 0.09, y + jolt, { 0.60, 0.80, 0.85 })
  canvas:disc(x - 0.09, y + 0.11, 0.04, { 0.05, 0.05, 0.05 })
  canvas:disc(x + 0.09, y + 0.11, 0.04, { 0.05, 0.05, 0.05 })
  if on then canvas:glow(x - 0.17, y + 0.04, 0.16, { 1.0, 0.95, 0.6 }, 1) end
end

local clapping = { name = "clapping" }
local claps = { 0, 0.22, 0.44 }

function clapping.sound(random)
  local seconds, total = 0.7, sound.silence(0.7)
  for _, start in ipairs(claps) do
    local clap = sound.band(random, 1400, 1200, 0.2) * sound.fade(0.2, 0.025)
    total = total + sound.place(clap, start, seconds)
  end
  return total
end

function clapping.paint(canvas, x, y, age)
  local apart = 1
  for _, start in ipairs(claps) do apart = math.min(apart, math.abs(age - start) / 0.11) end
  local gap = 0.025 + 0.08 * apart
  for side = -1, 1, 2 do
    canvas:ellipse(x + side * gap, y, 0.035, 0.08, { 0.96, 0.80, 0.68 })
    canvas:line(x + side * gap, y + 0.06, x + side * (gap + 0.07), y + 0.17, 0.05, { 0.20, 0.65, 0.35 })
  end
  if age < 0.6 then canvas:glow(x, y, 0.14, { 1, 0.9, 0.7 }, 0.6 * (1 - apart)) end
end

return { ball, bell, lamp, knocking, drum, kettle, siren, glass, horn, clapping }
