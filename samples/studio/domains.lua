--- Kinds of film: changes to each finished frame [height, width, 3] and each finished track [samples, 2].
---
--- Labels stay true in all of them; only the look and the sound differ.

local kit = require "kit"
local sound = require "studio.sound"

local domains = {}

--- Unchanged.
domains.film = {
  frame = function(frame) return frame end,
  sound = function(track) return track end,
}

--- A track and its echoes: pairs of a delay in samples and a strength.
local function echoed(track, echoes)
  local total = track
  for _, echo in ipairs(echoes) do total = total + sound.late(track, echo[1]) * echo[2] end
  return total
end

--- The frame moved by whole pixels; pixels that leave on one side enter on the other.
local function rolled(frame, axis, by)
  local extent = frame:shape()[axis]
  by = by % extent
  if by == 0 then return frame end
  local last, first = frame:slice(axis, extent - by + 1, extent), frame:slice(axis, 1, extent - by)
  return kit.tensor.concat { last, first, axis = axis }
end

--- A handheld camera in a room: unsteady, warm and flat images, one microphone, and echoes of the walls.
domains.vlog = {
  frame = function(frame, number)
    local shake = math.floor(2.5 * math.sin(number * 1.3) + 0.5)
    local sway = math.floor(3.5 * math.sin(number * 0.7) + 0.5)
    local moved = rolled(rolled(frame, 1, shake), 2, sway)
    return (moved * 0.7 + 0.18) * kit.tensor.from { 1.12, 1.0, 0.84 }
  end,
  sound = function(track)
    local mono = track:mean(2, true)
    local one = kit.tensor.concat { mono, mono, axis = 2 }
    return echoed(one, { { 523, 0.45 }, { 1187, 0.35 }, { 2311, 0.25 }, { 4099, 0.15 } })
  end,
}

--- Drawn in ink on paper, heard over a small loudspeaker without low notes.
domains.ink = {
  frame = function(frame)
    local grey = frame:mean(3, true)
    local edges = (grey - rolled(grey, 1, 1)):abs() + (grey - rolled(grey, 2, 1)):abs()
    local paper = ((grey - 0.45) * 5 + 0.5):clamp(0.35, 1) - (edges * 5):clamp(0, 0.9)
    return paper:clamp(0, 1) * kit.tensor.from { 0.96, 0.92, 0.80 }
  end,
  sound = function(track)
    return (track - sound.late(track, 1) * 0.95) * 3
  end,
}

return domains
