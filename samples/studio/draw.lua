--- A canvas to draw soft-edged shapes on, with operations on whole images.
--
-- Lengths are in image heights: y runs from 0 at the top to 1, x from 0 to the canvas's `aspect`.
-- Colours are lists of red, green, blue in 0..1; `opacity` is 1 unless given.

local kit = require "kit"

local Canvas = {}
Canvas.__index = Canvas

local draw = {}

--- A black canvas. Its image is `canvas.pixels`, a tensor [height, width, 3].
function draw.canvas(height, width)
  local function centres(count)
    return kit.tensor.linspace { start = 0.5 / height, stop = (count - 0.5) / height, count = count }
  end
  return setmetatable({
    height = height,
    width = width,
    aspect = width / height,
    x = centres(width):reshape { 1, width, 1 },
    y = centres(height):reshape { height, 1, 1 },
    pixels = kit.tensor.zeros { height, width, 3 },
  }, Canvas)
end

--- A mix of two colours: `share` of the second.
function draw.blend(first, second, share)
  local mixed = {}
  for i = 1, 3 do mixed[i] = first[i] + (second[i] - first[i]) * share end
  return mixed
end

--- Turns signed distances to an outline (negative inside) into coverage in 0..1, soft over one pixel.
function Canvas:coverage(distance)
  return (0.5 - distance * self.height):clamp(0, 1)
end

--- Paints a colour where the mask [height, width, 1] says so.
function Canvas:paint(mask, colour, opacity)
  if opacity then mask = mask * opacity end
  self.pixels = self.pixels + (kit.tensor.from(colour) - self.pixels) * mask
end

--- Adds light instead of covering the image.
function Canvas:shine(mask, colour, strength)
  self.pixels = self.pixels + kit.tensor.from(colour) * (mask * (strength or 1))
end

--- Darkens the whole image by a share of its brightness.
function Canvas:shade(share) self.pixels = self.pixels * (1 - share) end

--- Fills the rows between two heights with a vertical gradient.
function Canvas:gradient(top, bottom, upper, lower)
  local share = ((self.y - top) / (bottom - top)):clamp(0, 1)
  local from = kit.tensor.from(upper)
  local inside = self:coverage(top - self.y) * self:coverage(self.y - bottom)
  local colours = from + (kit.tensor.from(lower) - from) * share
  self.pixels = self.pixels + (colours - self.pixels) * inside
end

function Canvas:disc(x, y, radius, colour, opacity)
  self:ellipse(x, y, radius, radius, colour, opacity)
end

function Canvas:ellipse(x, y, radius_x, radius_y, colour, opacity)
  local dx, dy = (self.x - x) / radius_x, (self.y - y) / radius_y
  local distance = ((dx * dx + dy * dy):sqrt() - 1) * math.min(radius_x, radius_y)
  self:paint(self:coverage(distance), colour, opacity)
end

function Canvas:ring(x, y, radius, thickness, colour, opacity)
  local dx, dy = self.x - x, self.y - y
  local distance = ((dx * dx + dy * dy):sqrt() - radius):abs() - thickness / 2
  self:paint(self:coverage(distance), colour, opacity)
end

--- An upright box from its left, top corner to its right, bottom corner.
function Canvas:box(left, top, right, bottom, colour, opacity)
  local across = self:coverage(left - self.x) * self:coverage(self.x - right)
  local down = self:coverage(top - self.y) * self:coverage(self.y - bottom)
  self:paint(across * down, colour, opacity)
end

--- A line with round ends.
function Canvas:line(x0, y0, x1, y1, thickness, colour, opacity)
  local length_x, length_y = x1 - x0, y1 - y0
  local dx, dy = self.x - x0, self.y - y0
  local along = ((dx * length_x + dy * length_y) / (length_x ^ 2 + length_y ^ 2 + 1e-9)):clamp(0, 1)
  local off_x, off_y = dx - along * length_x, dy - along * length_y
  self:paint(self:coverage((off_x * off_x + off_y * off_y):sqrt() - thickness / 2), colour, opacity)
end

--- Everything below a curve: `heights` is a tensor [1, width, 1] of y.
function Canvas:ground(heights, colour, opacity)
  self:paint(self:coverage(heights - self.y), colour, opacity)
end

--- A glow that fades out with the distance from its centre.
function Canvas:glow(x, y, radius, colour, strength)
  local dx, dy = (self.x - x) / radius, (self.y - y) / radius
  self:shine((-(dx * dx) - dy * dy):exp(), colour, strength)
end

return draw
