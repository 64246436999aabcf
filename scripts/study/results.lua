--- Writes the results of a study: a page with the table, the figure, the commands and the times, only from cells that
--- were run.
local kit = require "kit"
local figures = require "figures"
local shell = require "studio.shell"
local tables = require "tables"

local results = {}

local function hardware()
  local processor = shell.output "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1"
  return ("%s, %s cores"):format(processor, shell.output "nproc")
end

--- The end of a page: how long it took, the command with the keys that all cells share, and those of all cells.
function results.account(rows, cells, command, plan)
  local lines, seconds, count = {}, 0, 0
  for _, row in ipairs(rows) do
    for _, cell in ipairs(cells(row)) do
      count, seconds = count + 1, seconds + cell.seconds
      local training = ("`dubkit %s`"):format(cell.command)
      if row.of then training = ("none: %s instead of the encoders of `%s`"):format(row.weights, row.of) end
      lines[#lines + 1] = ("| %s | %d | %d | %s |"):format(row.title, cell.seed, cell.seconds, training)
    end
  end
  local keys = {}
  for key, value in pairs(plan) do
    if type(value) == "table" then value = table.concat(value, ",") end
    if value ~= "" then keys[#keys + 1] = (" --set %s=%s"):format(key, value) end
  end
  table.sort(keys)
  return table.concat({
    ("%d %s in %s on %s, not counting the making of the films."):format(
      count, count == 1 and "cell" or "cells",
      seconds < 120 and ("%.0f seconds"):format(seconds) or ("%.0f minutes"):format(seconds / 60), hardware()), "",
    ("`dubkit run %s%s`"):format(command, table.concat(keys)), "",
    "| row | seed | seconds | training |", "|---|---:|---:|---|", table.concat(lines, "\n"), "",
  }, "\n")
end

--- The section on differences, which need two seeds.
local function differences(study, cells)
  local reference = tables.reference(study)
  if #cells(reference) < 2 then return "Differences with intervals need at least two seeds.\n" end
  return table.concat({
    ("## Differences from %s"):format(reference.title), "",
    "Mean difference between trainings with the same seed, which draw the same clips and use the same probes, ± half",
    "of the 95 % interval by Student's t, in points (for sensitivity: the plain difference). Bold where the interval",
    "excludes zero; about one difference in twenty is bold by chance.", "",
    tables.differences(study, cells), "",
  }, "\n")
end

--- Adds a cell's results to `name`.jsonl, which `dubkit report --results` reads.
function results.add(folder, name, row, cell)
  kit.make_folder { path = folder }
  for _, column in ipairs(tables.columns) do
    local figure, heading, family, classes = table.unpack(column)
    if cell.figures[figure] then
      kit.add_result {
        path = ("%s/%s.jsonl"):format(folder, name), variant = row.title, task = heading,
        metric = classes and "top1" or figure, value = cell.figures[figure], seed = cell.seed, family = family,
        chance = classes and 1 / classes, baseline = row.of ~= nil, lower_is_better = not classes,
      }
    end
  end
end

--- Writes `name`.md and `name`.svg into a folder. `plan` has the keys that all cells share.
function results.write(folder, name, study, cells, plan)
  kit.write_text { path = ("%s/%s.svg"):format(folder, name), text = figures.svg(study, cells) }
  local page = table.concat({
    "# " .. study.title, "",
    "Accuracy (top-1, %) of linear probes on frozen features of a synthetic world: the mean over seeds ± half of the",
    "95 % interval by Student's t. Brackets give the change from the reference row, which has no brackets. A dash is a",
    "cell that was not run or does not exist. Speech sensitivity is how far the features move when the speech is",
    "swapped, divided by how far they move when the background is swapped; lower means less sensitive to speech.",
    "The error rate of words is that of a small LSTM with CTC which reads the original's words off frozen frames;",
    "lower is better.", "",
    tables.means(study, cells), "",
    differences(study, cells),
    ("![%s](%s.svg)"):format(study.title, name), "",
    results.account(study.rows, cells, "scripts/study/paper.lua --set study=" .. name, plan),
  }, "\n")
  kit.write_text { path = ("%s/%s.md"):format(folder, name), text = page }
end

return results
