--- A study of dose and response as SVG: for each factor (down) and result (across), the means of all systems over the
--- dose, with their intervals.
local dose_rows = require "dose_rows"
local statistics = require "statistics"
local tables = require "tables"

local dose_figure = {}

local width, height, label_width, head = 160, 120, 60, 44
local left, right, top, bottom = 30, 10, 12, 22

--- The values of a row's cells.
local function values(study, system, factor, dose, name)
  return tables.values(study.cells(dose_rows.find(study.rows, system, factor, dose)), name)
end

--- The least and the greatest that the panels of a result show, nil if no cell was run.
local function range(study, name)
  local least, most
  for _, factor in ipairs(study.factors) do
    for _, dose in ipairs(study.doses) do
      for _, system in ipairs(study.systems) do
        local found = values(study, system, factor, dose, name)
        if #found > 0 then
          local mean, half = statistics.mean(found)
          least = math.min(least or mean, mean - (half or 0))
          most = math.max(most or mean, mean + (half or 0))
        end
      end
    end
  end
  if not least then return nil end
  local room = math.max(0.01, 0.05 * (most - least))
  return math.max(0, least - room), most + room
end

--- One panel at a place of the picture.
local function panel(parts, x, y, study, factor, name, least, most)
  local unit, digits = tables.form(name)
  local function across(dose) return x + left + dose * (width - left - right) end
  local function down(value)
    return y + height - bottom - (value - least) / (most - least) * (height - top - bottom)
  end
  for _, value in ipairs { least, most } do
    parts[#parts + 1] = ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="rule"/>'):format(
      across(0), down(value), across(1), down(value))
    parts[#parts + 1] = ('<text x="%.1f" y="%.1f" class="scale" text-anchor="end">%s</text>'):format(
      across(0) - 8, down(value) + 3, digits:format(value * unit))
  end
  for _, dose in ipairs { 0, 1 } do
    parts[#parts + 1] = ('<text x="%.1f" y="%.1f" class="scale" text-anchor="middle">%d</text>'):format(
      across(dose), y + height - 8, dose)
  end
  for n, system in ipairs(study.systems) do
    local line = {}
    for _, dose in ipairs(study.doses) do
      local found = values(study, system, factor, dose, name)
      if #found > 0 then
        local mean, half = statistics.mean(found)
        -- Side by side, so that no interval hides another.
        local at = across(dose) + (n - 2.5) * 2.5
        line[#line + 1] = ("%.1f,%.1f"):format(at, down(mean))
        parts[#parts + 1] = ('<circle cx="%.1f" cy="%.1f" r="2.5" class="s%d dot"/>'):format(at, down(mean), n)
        if half then
          parts[#parts + 1] = ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="s%d"/>'):format(
            at, down(math.max(least, mean - half)), at, down(math.min(most, mean + half)), n)
        end
      end
    end
    parts[#parts + 1] = ('<polyline points="%s" class="s%d line"/>'):format(table.concat(line, " "), n)
  end
end

local style = [[
<style>
  text { font: 12px sans-serif; fill: #222 } .head { font-weight: bold } .scale { font-size: 10px; fill: #666 }
  .rule { stroke: #ccc } .line { fill: none } .dot { stroke: none }
  .s1 { stroke: #555 } .s2 { stroke: #3465a4 } .s3 { stroke: #4e9a06 } .s4 { stroke: #c4562b }
  .s1.dot, .s1.key { fill: #555 } .s2.dot, .s2.key { fill: #3465a4 } .s3.dot, .s3.key { fill: #4e9a06 }
  .s4.dot, .s4.key { fill: #c4562b }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .rule { stroke: #555 } .s1 { stroke: #bbb } .s1.dot, .s1.key { fill: #bbb }
    .s2 { stroke: #729fcf } .s2.dot, .s2.key { fill: #729fcf }
    .s3 { stroke: #8ae234 } .s3.dot, .s3.key { fill: #8ae234 }
  }
</style>]]

--- The figure of a study as for `dose_page.write`.
function dose_figure.svg(study)
  local parts = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">'):format(
      label_width + #tables.columns * width, head + #study.factors * height + 20),
    "<title>When dubs help</title>", style,
  }
  for n, system in ipairs(study.systems) do
    local x = label_width + left + (n - 1) * 130
    parts[#parts + 1] = ('<circle cx="%d" cy="12" r="4" class="s%d key"/>'):format(x, n)
    parts[#parts + 1] = ('<text x="%d" y="16">%s</text>'):format(x + 10, system.title)
  end
  for n, column in ipairs(tables.columns) do
    local x = label_width + (n - 1) * width
    local least, most = range(study, column[1])
    parts[#parts + 1] = ('<text x="%d" y="36" class="head">%s</text>'):format(x + left, column[2])
    for place, factor in ipairs(study.factors) do
      local y = head + (place - 1) * height
      if n == 1 then
        parts[#parts + 1] = ('<text x="4" y="%d" class="head">%s</text>'):format(y + height // 2, factor)
      end
      if least then panel(parts, x, y, study, factor, column[1], least, most) end
    end
  end
  local below = "dose: how much of the speech the picture tells"
  parts[#parts + 1] = ('<text x="%d" y="%d" class="scale">%s</text>'):format(
    label_width + left, head + #study.factors * height + 12, below)
  parts[#parts + 1] = "</svg>\n"
  return table.concat(parts, "\n")
end

return dose_figure
