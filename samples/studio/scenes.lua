--- The places of shots: eight scenes, each with its image and its ambience.
--
--   prepare(canvas, random)          paints the still parts; returns `props` for `animate`
--   animate(canvas, moment, props)   paints the moving parts over them
--   ambience(random, seconds, level) a mono sound; called once for each ear, with different streams
--
-- Image and ambience swell together: `level` is in 0..1, as a number in `moment.level` and as a curve [samples, 1]
-- in `ambience`. `moment.time` is in seconds; `moment.phase` runs from -1 to 1 through each swell, with its top at 0.

local kit = require "kit"
local draw = require "studio.draw"
local sound = require "studio.sound"

local sin, pi = math.sin, math.pi

local rain = { name = "rain" }

function rain.prepare(canvas, random)
  canvas:gradient(0, 0.75, { 0.50, 0.55, 0.62 }, { 0.36, 0.40, 0.47 })
  canvas:gradient(0.75, 1, { 0.22, 0.25, 0.27 }, { 0.12, 0.14, 0.16 })
  canvas:ellipse(canvas.aspect * 0.55, 0.88, 0.45, 0.05, { 0.38, 0.43, 0.50 })
  local across = math.ceil(canvas.width / 5)
  local phases = random:uniform(0, 2 * pi, { across, 1 }) + kit.tensor.zeros { 1, 5 }
  return { columns = phases:reshape { 1, across * 5, 1 }:slice(2, 1, canvas.width) }
end

function rain.animate(canvas, moment, props)
  canvas:shade(0.35 * moment.level)
  local streaks = (canvas.y * 9 + props.columns - moment.time * 16):sin()
  canvas:paint((streaks * 6 - 5.2 + 3 * moment.level):clamp(0, 1), { 0.78, 0.84, 0.92 }, 0.25 + 0.5 * moment.level)
end

function rain.ambience(random, seconds, level)
  return sound.hiss(random, seconds) * (level * level + 0.12)
end

local sea = { name = "sea" }

function sea.prepare(canvas)
  canvas:gradient(0, 0.6, { 0.55, 0.78, 0.95 }, { 0.88, 0.95, 0.98 })
  canvas:disc(canvas.aspect * 0.8, 0.16, 0.07, { 1, 0.95, 0.75 })
end

function sea.animate(canvas, moment)
  local time, level = moment.time, moment.level
  local function wave(y, length, speed, colour)
    local heights = (canvas.x * length + time * speed):sin() * (0.008 + 0.05 * level) + (y - 0.05 * level)
    canvas:ground(heights - 0.012, { 1, 1, 1 }, 0.15 + 0.85 * level)
    canvas:ground(heights + 0.004, colour)
  end
  wave(0.52, 9, 1.1, { 0.10, 0.42, 0.62 })
  wave(0.68, 7, -1.4, { 0.06, 0.34, 0.55 })
  wave(0.85, 5, 1.8, { 0.03, 0.25, 0.46 })
end

function sea.ambience(random, seconds, level)
  return sound.rumble(random, 700, seconds) * (level + 0.12) + sound.hiss(random, seconds) * (level * level * 0.25)
end

local forest = { name = "forest" }

function forest.prepare(canvas, random)
  canvas:gradient(0, 0.8, { 0.45, 0.70, 0.40 }, { 0.16, 0.42, 0.18 })
  canvas:gradient(0.8, 1, { 0.22, 0.34, 0.12 }, { 0.12, 0.22, 0.07 })
  for tree = 0, 6 do
    local x = canvas.aspect * (tree + random:uniform(0.2, 0.8)) / 7
    canvas:box(x - 0.022, 0.2, x + 0.022, 0.86, { 0.28, 0.18, 0.10 })
    canvas:disc(x, random:uniform(0.02, 0.2), random:uniform(0.13, 0.2), { 0.10, 0.32, 0.12 })
  end
end

function forest.animate(canvas, moment)
  local level = moment.level
  canvas:glow(canvas.aspect * 0.5, 0, 0.7, { 0.9, 0.9, 0.3 }, 0.6 * level)
  for bird = 1, 4 do -- They cross the image while they sing.
    local x = canvas.aspect * (0.5 + 0.45 * moment.phase) + 0.16 * (bird - 2.5)
    local y = 0.22 + 0.06 * sin(bird * 2.3) + 0.04 * sin(moment.time * 5 + bird)
    local flap = 0.05 * sin(moment.time * 18 + bird * 1.7)
    canvas:line(x, y, x - 0.07, y - 0.02 - flap, 0.02, { 0.95, 0.9, 0.2 }, level)
    canvas:line(x, y, x + 0.07, y - 0.02 - flap, 0.02, { 0.95, 0.9, 0.2 }, level)
  end
end

function forest.ambience(random, seconds, level)
  local time = sound.time(seconds)
  local warble = random:uniform(6, 9)
  local song = (time * (2 * pi * random:uniform(3000, 4000)) + (time * (2 * pi * warble)):sin() * 60):sin()
  local notes = ((time * (2 * pi * warble / 2)):sin() * 3):clamp(0, 1)
  return song * notes * level * level + sound.hiss(random, seconds) * 0.04
end

local engine_room = { name = "engine room" }

function engine_room.prepare(canvas)
  canvas:gradient(0, 1, { 0.20, 0.15, 0.13 }, { 0.09, 0.07, 0.07 })
  for pipe = 0, 3 do
    local y = 0.08 + 0.07 * pipe
    canvas:line(0, y, canvas.aspect, y, 0.03, { 0.42, 0.26 - 0.03 * pipe, 0.16 })
  end
end

function engine_room.animate(canvas, moment)
  local x, y, level = canvas.aspect * 0.5, 0.56, moment.level
  canvas:glow(x, 0.95, 0.5, { 1, 0.40, 0.05 }, 0.15 + 0.85 * level)
  canvas:ring(x, y, 0.24, 0.05, { 0.55, 0.53, 0.50 })
  for spoke = 0, 2 do
    local angle = moment.time * 4 + spoke * pi / 3
    local dx, dy = 0.23 * math.cos(angle), 0.23 * sin(angle)
    canvas:line(x - dx, y - dy, x + dx, y + dy, 0.03, { 0.55, 0.53, 0.50 })
  end
  local stroke = (0.03 + 0.12 * level) * sin(moment.time * 15)
  canvas:box(x + 0.38, 0.42 + stroke, x + 0.52, 0.66 + stroke, { 0.70, 0.45, 0.20 })
end

function engine_room.ambience(random, seconds, level)
  local hum = sound.tone(55, seconds) + sound.tone(110, seconds) * 0.8 + sound.tone(220, seconds) * 0.5
  local chug = ((sound.tone(2.4, seconds) + 1) * 0.5) ^ 2
  return hum * (level + 0.15) + sound.rumble(random, 400, seconds) * chug * level * 1.5
end

local street = { name = "street" }

function street.prepare(canvas, random)
  canvas:gradient(0, 0.7, { 0.78, 0.80, 0.84 }, { 0.90, 0.88, 0.84 })
  for house = 0, 4 do
    local left, top = canvas.aspect * house / 5, random:uniform(0.08, 0.3)
    local shade = random:uniform(0.45, 0.7)
    canvas:box(left, top, left + canvas.aspect / 5.2, 0.72, { shade, shade * 0.85, shade * 0.75 })
    for floor = 0, 2 do
      local y = top + 0.07 + 0.13 * floor
      canvas:box(left + 0.06, y, left + 0.13, y + 0.07, { 0.25, 0.32, 0.42 })
      canvas:box(left + 0.20, y, left + 0.27, y + 0.07, { 0.25, 0.32, 0.42 })
    end
  end
  canvas:gradient(0.72, 1, { 0.36, 0.36, 0.38 }, { 0.26, 0.26, 0.28 })
end

function street.animate(canvas, moment)
  local x = canvas.aspect * (0.5 + 0.7 * moment.phase) -- A lorry passes with each swell.
  canvas:box(x - 0.34, 0.50, x + 0.16, 0.84, { 0.90, 0.90, 0.20 })
  canvas:box(x + 0.17, 0.60, x + 0.32, 0.84, { 0.85, 0.35, 0.10 })
  canvas:disc(x - 0.2, 0.85, 0.06, { 0.05, 0.05, 0.05 })
  canvas:disc(x + 0.2, 0.85, 0.06, { 0.05, 0.05, 0.05 })
end

function street.ambience(random, seconds, level)
  local motor = sound.rumble(random, 220, seconds) + sound.band(random, 640, 500, seconds) * 0.5
  return motor * (level + 0.06)
end

local hill = { name = "windy hill" }

function hill.prepare(canvas)
  canvas:gradient(0, 1, { 0.72, 0.86, 0.93 }, { 0.95, 0.95, 0.88 })
  canvas:ground((canvas.x * 1.7):sin() * -0.12 + 0.82, { 0.62, 0.66, 0.28 })
end

function hill.animate(canvas, moment)
  local time, level = moment.time, moment.level
  for cloud = 1, 3 do
    local x = (cloud * 0.83 + time * 0.12) % (canvas.aspect + 0.5) - 0.25
    canvas:ellipse(x, 0.1 + 0.06 * cloud, 0.2, 0.05, { 1, 1, 1 }, 0.9)
  end
  for gust = 1, 4 do
    local y = 0.18 + 0.13 * gust
    local x = canvas.aspect * (0.5 + 0.6 * moment.phase) + 0.2 * sin(gust * 4)
    canvas:line(x - 0.3, y, x + 0.3, y + 0.02 * sin(time * 9 + gust), 0.014, { 1, 1, 1 }, level)
  end
  for tree = 0, 3 do -- The wind bends them.
    local x = canvas.aspect * (0.2 + 0.2 * tree)
    local bend = 0.26 * level + 0.02 * sin(time * 6 + tree)
    canvas:line(x, 0.78, x + bend, 0.46 + bend / 3, 0.025, { 0.35, 0.22, 0.12 })
    canvas:ellipse(x + bend * 1.15, 0.42 + bend / 3, 0.08 + bend / 4, 0.08, { 0.40, 0.50, 0.15 })
  end
end

function hill.ambience(random, seconds, level)
  return sound.band(random, 330, 160, seconds) * (level + 0.1)
    + sound.band(random, 850, 240, seconds) * (level * level)
end

local fire = { name = "fire" }

function fire.prepare(canvas)
  canvas:gradient(0, 0.8, { 0.03, 0.03, 0.09 }, { 0.08, 0.06, 0.12 })
  canvas:gradient(0.8, 1, { 0.12, 0.08, 0.06 }, { 0.06, 0.04, 0.04 })
end

function fire.animate(canvas, moment)
  local x, level = canvas.aspect * 0.5, moment.level
  local height = 0.10 + 0.35 * level
  canvas:glow(x, 0.75, 0.3 + 0.5 * level, { 1.0, 0.45, 0.1 }, 0.3 + 0.6 * level)
  for tongue = -2, 2 do
    local flicker = 1 + 0.3 * sin(moment.time * 11 + tongue * 2.1) + 0.2 * sin(moment.time * 17 + tongue)
    local tall = height * flicker * (1 - 0.25 * math.abs(tongue))
    canvas:ellipse(x + 0.07 * tongue, 0.86 - tall / 2, 0.06, tall / 2, { 1.0, 0.42, 0.05 })
    canvas:ellipse(x + 0.07 * tongue, 0.86 - tall / 3, 0.03, tall / 3, { 1.0, 0.85, 0.30 })
  end
  canvas:line(x - 0.25, 0.90, x + 0.25, 0.84, 0.05, { 0.25, 0.14, 0.08 })
  canvas:line(x - 0.25, 0.84, x + 0.25, 0.90, 0.05, { 0.30, 0.17, 0.09 })
end

function fire.ambience(random, seconds, level)
  local snaps = (random:normal { math.ceil(seconds * 90), 1 } - 1.9):clamp(0, 2)
  local crackle = sound.curve(snaps, seconds) * sound.hiss(random, seconds)
  return crackle * (level * 4 + 0.6) + sound.rumble(random, 110, seconds) * level
end

local cafe = { name = "cafe" }

function cafe.prepare(canvas, random)
  canvas:gradient(0, 0.7, { 0.72, 0.50, 0.30 }, { 0.55, 0.34, 0.20 })
  canvas:gradient(0.7, 1, { 0.34, 0.20, 0.12 }, { 0.24, 0.13, 0.08 })
  canvas:box(0.12, 0.08, 0.5, 0.38, { 0.95, 0.90, 0.70 })
  canvas:box(canvas.aspect - 0.5, 0.08, canvas.aspect - 0.12, 0.38, { 0.95, 0.90, 0.70 })
  local guests = {}
  for guest = 1, 7 do
    local tint = random:uniform(0.5, 1)
    guests[guest] = { x = canvas.aspect * (guest - 0.5) / 7, phase = random:uniform(0, 6),
      skin = { 0.9 * tint, 0.7 * tint, 0.55 * tint }, coat = draw.blend({ 0.2, 0.3, 0.5 }, { 0.5, 0.2, 0.3 }, tint) }
  end
  return { guests = guests }
end

function cafe.animate(canvas, moment, props)
  local level = moment.level
  canvas:glow(canvas.aspect / 2, 0.1, 0.45, { 0.9, 0.7, 0.3 }, 0.1 + 0.5 * level)
  for _, guest in ipairs(props.guests) do -- They bob while they talk.
    local y = 0.60 - 0.12 * level * math.abs(sin(moment.time * 5 + guest.phase))
    canvas:ellipse(guest.x, y + 0.20, 0.09, 0.13, guest.coat)
    canvas:disc(guest.x, y, 0.065, guest.skin)
  end
  canvas:box(0, 0.76, canvas.aspect, 0.80, { 0.45, 0.28, 0.16 })
end

function cafe.ambience(random, seconds, level)
  local murmur = sound.silence(seconds)
  for _ = 1, 4 do
    local syllables = sound.rumble(random, 2.5, seconds):clamp(0, 3)
    murmur = murmur + sound.band(random, random:uniform(250, 750), 160, seconds) * syllables
  end
  local cups = (random:normal { math.ceil(seconds * 12), 1 } - 1.8):clamp(0, 1)
  return (murmur + sound.curve(cups, seconds) * sound.tone(4100, seconds) * 1.5) * (level + 0.1)
end

return { rain, sea, forest, engine_room, street, hill, fire, cafe }
