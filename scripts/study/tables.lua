--- A study's table in Markdown, from the cells that were run.
local statistics = require "statistics"

local tables = {}

--- The columns: the result's name in the cells, its heading and, for a task, its family and number of classes.
tables.columns = {
  { "event", "event", "environment", 10 }, { "scene", "scene", "environment", 8 },
  { "speaker", "speaker", "paralinguistic", 6 }, { "manner", "manner", "paralinguistic", 4 },
  { "keyword", "keyword", "linguistic", 10 }, { "language", "language", "linguistic", 4 },
  { "words", "words, error rate", "linguistic" }, { "av_event", "event, audiovisual", "audiovisual", 10 },
  { "speech_sensitivity", "speech sensitivity" },
}

--- The results with one name in a row's cells.
function tables.values(cells, name)
  local values = {}
  for _, cell in ipairs(cells) do
    if cell.figures[name] then values[#values + 1] = cell.figures[name] end
  end
  return values
end

--- The factor and the format of a result: accuracies and error rates are in percent, the sensitivity has no unit.
function tables.form(name)
  if name == "speech_sensitivity" then return 1, "%.2f" end
  return 100, "%.1f"
end

--- The mean of a row and, if a reference is given, its change from the reference.
local function mean_text(name, cells, reference)
  local values = tables.values(cells, name)
  if #values == 0 then return "–" end
  local mean, half = statistics.mean(values)
  local unit, digits = tables.form(name)
  local text = digits:format(mean * unit)
  if half then text = text .. (" ± " .. digits):format(half * unit) end
  local others = reference and tables.values(reference, name) or {}
  local base = #others > 0 and statistics.mean(others) or 0
  if base == 0 then return text end
  return ("%s (%+.0f %%)"):format(text, 100 * (mean / base - 1))
end

--- The differences between two rows' results with one name, by seed: only of seeds that both have.
function tables.paired(name, cells, reference)
  local theirs, values = {}, {}
  for _, cell in ipairs(reference) do theirs[cell.seed] = cell.figures[name] end
  for _, cell in ipairs(cells) do
    local mine, other = cell.figures[name], theirs[cell.seed]
    if mine and other then values[cell.seed] = mine - other end
  end
  return values
end

--- The mean of differences by seed with its interval: bold if that excludes zero, a dash for fewer than two. `tested`
--- adds the probability of such a mean if the true one is zero.
function tables.change(name, by_seed, tested)
  local values = {}
  for _, value in pairs(by_seed) do values[#values + 1] = value end
  if #values < 2 then return "–" end
  table.sort(values) -- The sum must not depend on the order of `pairs`.
  local mean, half, p = statistics.mean(values)
  local unit, digits = tables.form(name)
  local text = ("%+" .. digits:sub(2) .. " ± " .. digits):format(mean * unit, half * unit)
  if tested then text = ("%s (p %.3f)"):format(text, p) end
  return math.abs(mean) > half and ("**%s**"):format(text) or text
end

--- Lines of Markdown: a heading, and a line for each of the rows with the text of `count(row)` under "seeds" and of
--- `field(name, row)` under each of the columns.
function tables.lines(rows, count, field)
  local heads, rules = { "", "seeds" }, { "---", "---:" }
  for _, column in ipairs(tables.columns) do
    heads[#heads + 1] = column[2]
    rules[#rules + 1] = "---:"
  end
  local all = { "| " .. table.concat(heads, " | ") .. " |", "|" .. table.concat(rules, "|") .. "|" }
  for _, row in ipairs(rows) do
    local fields = { row.title, tostring(count(row)) }
    for _, column in ipairs(tables.columns) do fields[#fields + 1] = field(column[1], row) end
    all[#all + 1] = "| " .. table.concat(fields, " | ") .. " |"
  end
  return table.concat(all, "\n")
end

--- The row that the others of a study are compared with.
function tables.reference(study)
  for _, row in ipairs(study.rows) do
    if row.name == study.reference then return row end
  end
end

--- The table of a study: means over seeds and their changes. `cells` returns the cells of a row that were run.
function tables.means(study, cells)
  local reference = study.reference and cells(tables.reference(study))
  return tables.lines(study.rows, function(row) return #cells(row) end, function(name, row)
    return mean_text(name, cells(row), row.name ~= study.reference and reference or nil)
  end)
end

--- The table of differences from the row that the others are compared with, seed by seed.
function tables.differences(study, cells)
  local reference, others = cells(tables.reference(study)), {}
  for _, row in ipairs(study.rows) do
    if row.name ~= study.reference and not row.alone then others[#others + 1] = row end
  end
  return tables.lines(others, function(row) return #cells(row) end, function(name, row)
    return tables.change(name, tables.paired(name, cells(row), reference))
  end)
end

return tables
