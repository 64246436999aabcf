--- The speaker's figure, seen to the waist.

local sin = math.sin

local figure = {}

--- Paints it at `x`, standing on the image's lower edge.
--
--   mouth    how far the mouth is open, 0..1
--   gesture  how much it moves while it speaks (a manner's)
--   nearness how many times as large it is as from the usual distance; 1 by default
function figure.paint(canvas, x, speaker, time, mouth, gesture, nearness)
  local moved = gesture * mouth
  local size = speaker.height * (nearness or 1)
  x = x + 0.012 * moved * sin(time * 5)
  local head, radius = 1 - size + 0.02 * moved * sin(time * 7), 0.17 * size
  local shoulder = head + 1.5 * radius
  local half = 0.26 * size * speaker.width

  if speaker.hair == "long" then
    canvas:ellipse(x, head + 0.3 * radius, 1.35 * radius, 1.6 * radius, speaker.hair_colour)
  end
  canvas:ellipse(x, 1.05, half, 1.05 - shoulder, speaker.shirt)
  local hand = 0.86 - 0.22 * math.min(1, moved)
  canvas:line(x - half * 0.8, 0.98, x - half * 1.15, hand, 0.05, speaker.shirt)
  canvas:disc(x - half * 1.15, hand, 0.035, speaker.skin)
  canvas:box(x - 0.35 * radius, head + 0.7 * radius, x + 0.35 * radius, shoulder + 0.02, speaker.skin)

  canvas:ellipse(x, head - 0.25 * radius, 1.08 * radius, 1.0 * radius, speaker.hair_colour)
  canvas:ellipse(x, head + 0.1 * radius, 0.92 * radius, radius, speaker.skin)
  if speaker.hair == "hat" then
    canvas:box(x - 0.8 * radius, head - 1.7 * radius, x + 0.8 * radius, head - 0.6 * radius, speaker.hair_colour)
    canvas:box(x - 1.4 * radius, head - 0.75 * radius, x + 1.4 * radius, head - 0.5 * radius, speaker.hair_colour)
  end
  for side = -1, 1, 2 do
    canvas:disc(x + side * 0.36 * radius, head - 0.1 * radius, 0.11 * radius, { 0.08, 0.06, 0.06 })
  end
  canvas:ellipse(x, head + 0.62 * radius, 0.34 * radius, (0.05 + 0.33 * mouth) * radius, { 0.45, 0.08, 0.10 })
end

return figure
