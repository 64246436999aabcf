--- Writes the results of a study of dose and response: means, differences from the system without dubs, their trends
--- over the dose, and the power calculation, only from cells that were run.
local kit = require "kit"
local dose_figure = require "dose_figure"
local dose_rows = require "dose_rows"
local results = require "results"
local statistics = require "statistics"
local tables = require "tables"

local dose_page = {}

--- What a system's results differ by from those of the first, by seed; those themselves for the first.
local function response(study, system, factor, dose, name)
  local rows, cells = study.rows, study.cells
  local row = dose_rows.find(rows, system, factor, dose)
  local reference = dose_rows.find(rows, study.systems[1], factor, dose)
  if system ~= study.systems[1] then return tables.paired(name, cells(row), cells(reference)) end
  local values = {}
  for _, cell in ipairs(cells(row)) do values[cell.seed] = cell.figures[name] end
  return values
end

--- The slope over the dose of each seed that has at least three doses.
local function slopes(study, system, factor, name)
  local points, by_seed = {}, {}
  for _, dose in ipairs(study.doses) do
    for seed, value in pairs(response(study, system, factor, dose, name)) do
      points[seed] = points[seed] or {}
      table.insert(points[seed], { dose, value })
    end
  end
  for seed, list in pairs(points) do
    if #list >= 3 then by_seed[seed] = statistics.slope(list) end
  end
  return by_seed
end

--- A table of what `by_seed(name, row)` returns for each column and row; `tested` adds the probability of a t-test.
local function table_of(rows, by_seed, tested)
  return tables.lines(rows, function(row)
    local count = 0
    for _ in pairs(by_seed(tables.columns[1][1], row)) do count = count + 1 end
    return count
  end, function(name, row) return tables.change(name, by_seed(name, row), tested) end)
end

--- The tables of one factor.
local function section(study, factor)
  local differences, trends = {}, {}
  for _, dose in ipairs(study.doses) do
    for n = 2, #study.systems do
      local system = study.systems[n]
      local title = ("%s, dose %g"):format(system.title, dose)
      differences[#differences + 1] = { title = title, system = system, dose = dose }
    end
  end
  for n, system in ipairs(study.systems) do
    trends[n] = { title = n == 1 and system.title or system.title .. ", difference", system = system }
  end
  return table.concat({
    ("## %s"):format(factor), "", "### Differences from no dub", "",
    table_of(differences, function(name, each)
      return response(study, each.system, factor, each.dose, name)
    end),
    "", "### Trends", "",
    table_of(trends, function(name, each) return slopes(study, each.system, factor, name) end, true),
    "",
  }, "\n")
end

--- For each column: how much the differences between one seed and the next vary, and what that allows to find.
local function power(study, effect)
  local lines = {
    "| | standard deviation | seeds for " .. ("%g"):format(100 * effect) .. " points |", "|---|---:|---:|",
  }
  for _, column in ipairs(tables.columns) do
    local name = column[1]
    -- Deviations from the mean of each row: what is left after the effect of systems and doses.
    local squares, degrees = 0, 0
    local function add(by_seed)
      local values = {}
      for _, value in pairs(by_seed) do values[#values + 1] = value end
      if #values < 2 then return end
      table.sort(values)
      local _, deviation = statistics.moments(values)
      squares, degrees = squares + deviation ^ 2 * (#values - 1), degrees + #values - 1
    end
    for n = 2, #study.systems do
      for place, factor in ipairs(study.factors) do
        for _, dose in ipairs(study.doses) do
          -- Dose 0 belongs to all factors.
          if dose > 0 or place == 1 then add(response(study, study.systems[n], factor, dose, name)) end
        end
      end
    end
    if degrees > 0 then
      local unit, digits = tables.form(name)
      local deviation = math.sqrt(squares / degrees)
      local needed = unit == 100 and tostring(statistics.seeds(deviation, effect)) or "–"
      lines[#lines + 1] = ("| %s | " .. digits .. " | %s |"):format(column[2], deviation * unit, needed)
    end
  end
  return table.concat(lines, "\n")
end

--- Writes when.md and when.svg into a folder. `study` has its `systems`, `factors`, `doses` (rising, from 0), `rows`
--- and `cells`, which gives the cells of a row that were run. `plan` has the keys that they share, and `effect` is the
--- difference to be found.
function dose_page.write(folder, study, plan, effect)
  kit.make_folder { path = folder }
  kit.write_text { path = folder .. "/when.svg", text = dose_figure.svg(study) }
  local parts = {
    "# When dubs help", "",
    "Linear probes on frozen features of the sound (top-1, %), the error rate of words read off them, and their",
    "sensitivity to speech, after training on a synthetic world whose picture tells more and more of the speech: the",
    "dose is 0 where it tells nothing and 1 where it tells all that this world can show. The tables have means over",
    "seeds ± half of the 95 % interval by Student's t. A dash is a cell that was not run, or needs another seed.", "",
    "![When dubs help](when.svg)", "", "## Means", "", tables.means(study, study.cells), "",
    "The next tables compare trainings with the same seed, in points (for sensitivity: the plain difference). A trend",
    "is the slope over the dose, from 0 to 1, of each seed's results: the first line has that of the system without",
    "dubs, the others that of their differences from it, with the probability p of a slope as steep if there is none",
    "(t-test over seeds). Bold where the interval excludes zero; about one in twenty is bold by chance.", "",
  }
  for _, factor in ipairs(study.factors) do parts[#parts + 1] = section(study, factor) end
  parts[#parts + 1] = table.concat({
    "## Power", "",
    "The standard deviation, from seed to seed, of a difference between two systems, and with how many seeds a true",
    "difference would be found at the 5 % level with a probability of 80 %.", "",
    power(study, effect), "",
  }, "\n")
  parts[#parts + 1] = results.account(study.rows, study.cells, "scripts/study/when.lua", plan)
  kit.write_text { path = folder .. "/when.md", text = table.concat(parts, "\n") }
end

return dose_page
