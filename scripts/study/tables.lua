--- A study's table in Markdown, from the cells that were run.
local statistics = require "statistics"

local tables = {}

--- The columns: the figure's name in the cells, its heading, and of a task its family and how many classes it has.
tables.columns = {
  { "event", "event", "environment", 10 }, { "scene", "scene", "environment", 8 },
  { "speaker", "speaker", "paralinguistic", 6 }, { "manner", "manner", "paralinguistic", 4 },
  { "keyword", "keyword", "linguistic", 10 }, { "language", "language", "linguistic", 4 },
  { "av_event", "event, audiovisual", "audiovisual", 10 }, { "speech_sensitivity", "speech sensitivity" },
}

--- The figures of one name in a row's cells.
function tables.values(cells, name)
  local values = {}
  for _, cell in ipairs(cells) do
    if cell.figures[name] then values[#values + 1] = cell.figures[name] end
  end
  return values
end

local function figure(name, cells, beside)
  local values = tables.values(cells, name)
  if #values == 0 then return "–" end
  local mean, half = statistics.mean(values)
  local unit = name == "speech_sensitivity" and 1 or 100
  local text = (unit == 1 and "%.2f" or "%.1f"):format(mean * unit)
  if half then text = text .. (unit == 1 and " ± %.2f" or " ± %.1f"):format(half * unit) end
  local others = beside ~= cells and tables.values(beside, name) or {}
  local reference = #others > 0 and statistics.mean(others) or 0
  if reference == 0 then return text end
  return ("%s (%+.0f %%)"):format(text, 100 * (mean / reference - 1))
end

--- The table of a study. `cells` gives the list of a row's cells that were run.
function tables.markdown(study, cells)
  local beside
  for _, row in ipairs(study.rows) do
    if row.name == study.beside then beside = row end
  end
  local heads, rules = { "", "seeds" }, { "---", "---:" }
  for _, column in ipairs(tables.columns) do
    heads[#heads + 1] = column[2]
    rules[#rules + 1] = "---:"
  end
  local lines = { "| " .. table.concat(heads, " | ") .. " |", "|" .. table.concat(rules, "|") .. "|" }
  for _, row in ipairs(study.rows) do
    local mine, theirs = cells(row), cells(beside)
    if row == beside then theirs = mine end
    local fields = { row.title, tostring(#mine) }
    for _, column in ipairs(tables.columns) do fields[#fields + 1] = figure(column[1], mine, theirs) end
    lines[#lines + 1] = "| " .. table.concat(fields, " | ") .. " |"
  end
  return table.concat(lines, "\n")
end

return tables
