--- Signs that can be shown while somebody speaks: one for each keyword, five colours of two shapes.

local phrases = require "studio.phrases"

local signs = { count = #phrases }

local colours = {
  { 0.90, 0.15, 0.15 }, { 0.15, 0.35, 0.95 }, { 0.10, 0.75, 0.25 }, { 0.95, 0.85, 0.10 }, { 0.80, 0.20, 0.85 },
}

--- The number of a phrase's sign.
function signs.number_of(phrase)
  for n, known in ipairs(phrases) do
    if known == phrase then return n end
  end
end

--- Paints a sign at a place, on a white board.
function signs.paint(canvas, x, y, number)
  local colour = colours[(number - 1) % #colours + 1]
  canvas:box(x - 0.13, y - 0.13, x + 0.13, y + 0.13, { 0.96, 0.96, 0.94 })
  if number <= #colours then
    canvas:disc(x, y, 0.095, colour)
  else
    canvas:box(x - 0.10, y - 0.05, x + 0.10, y + 0.05, colour)
  end
end

return signs
