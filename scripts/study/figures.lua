--- A study's figures as SVG: for each task the means of all rows with their intervals, side by side.
local statistics = require "statistics"
local tables = require "tables"

local figures = {}

local row_height, label_width, panel_width, margin, head = 20, 190, 160, 34, 34

local function escaped(text) return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;")) end

--- The least and the greatest that a panel shows.
local function range(rows, cells, name)
  local least, most
  for _, row in ipairs(rows) do
    for _, value in ipairs(tables.values(cells(row), name)) do
      least, most = math.min(least or value, value), math.max(most or value, value)
    end
  end
  if not least then return nil end
  local room = math.max(0.01, (most - least) * 0.15)
  return math.max(0, least - room), most + room
end

local function panel(parts, x, rows, cells, column)
  local name, title = column[1], column[2]
  local least, most = range(rows, cells, name)
  parts[#parts + 1] = ('<text x="%d" y="16" class="head">%s</text>'):format(x, escaped(title))
  if not least then return end
  local unit = name == "speech_sensitivity" and 1 or 100
  local function place(value) return x + (value - least) / (most - least) * (panel_width - margin) end
  local bottom = head + #rows * row_height
  for _, value in ipairs { least, most } do
    parts[#parts + 1] = ('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" class="rule"/>'):format(
      place(value), head - 6, place(value), bottom)
    parts[#parts + 1] = ('<text x="%.1f" y="%d" class="scale" text-anchor="middle">%s</text>'):format(
      place(value), bottom + 14, (unit == 1 and "%.2f" or "%.0f"):format(value * unit))
  end
  for n, row in ipairs(rows) do
    local values = tables.values(cells(row), name)
    if #values > 0 then
      local y = head + (n - 0.5) * row_height
      local mean, half = statistics.mean(values)
      if half then
        parts[#parts + 1] = ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="interval"/>'):format(
          place(math.max(least, mean - half)), y, place(math.min(most, mean + half)), y)
      end
      for _, value in ipairs(values) do
        parts[#parts + 1] = ('<circle cx="%.1f" cy="%.1f" r="2" class="seed"/>'):format(place(value), y)
      end
      parts[#parts + 1] = ('<circle cx="%.1f" cy="%.1f" r="4" class="mean"/>'):format(place(mean), y)
    end
  end
end

local style = [[
<style>
  text { font: 12px sans-serif; fill: #222 } .head { font-weight: bold } .scale { font-size: 10px; fill: #666 }
  .rule { stroke: #ccc } .interval { stroke: #3465a4; stroke-width: 2 } .mean { fill: #3465a4 } .seed { fill: #aac }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } .rule { stroke: #555 } }
</style>]]

--- The figure of a study. `cells` gives the list of a row's cells that were run.
function figures.svg(study, cells)
  local width = label_width + #tables.columns * panel_width
  local height = head + #study.rows * row_height + 24
  local parts = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">'):format(width, height),
    ("<title>%s</title>"):format(escaped(study.title)), style,
  }
  for n, row in ipairs(study.rows) do
    parts[#parts + 1] = ('<text x="4" y="%.1f">%s</text>'):format(head + (n - 0.5) * row_height + 4, escaped(row.title))
  end
  for n, column in ipairs(tables.columns) do
    panel(parts, label_width + (n - 1) * panel_width, study.rows, cells, column)
  end
  parts[#parts + 1] = "</svg>\n"
  return table.concat(parts, "\n")
end

return figures
