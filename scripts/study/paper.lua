--- The comparison of arXiv 2304.05600 on a world with known truth: trains every system with several seeds, probes what
--- it learned, and fills a table of systems and tasks. A cell (a system with one seed) is a file; a study that is
--- stopped anywhere continues with the same command, and ends with the same results.
---
---     dubkit run scripts/study/paper.lua --set out=study
---     dubkit run scripts/study/paper.lua --set out=study --set study=k
---     mpirun -n 4 dubkit run scripts/study/paper.lua --set out=/shared/study
---
--- Several processes share the cells. Their machines share the disk that `out` is on.
local root = debug.getinfo(1, "S").source:match("^@(.*)scripts/study/[^/]*$")
if not root then error("run this by its path in the checkout, such as scripts/study/paper.lua", 0) end
package.path = package.path .. ";" .. root .. "samples/?.lua"
local cells = require "cells"
local check = require "studio.check"
local report = require "results"
local studies = require "rows"

local cfg = cells.recipe {
  out = { "study", "folder for all files of the study", from = "ours" },
  study = { "main", "main, k, languages, offset or domain", from = "ours" },
  only = { {}, "rows to run; none runs the whole study", from = "ours" },
  separator_steps = { 300, "updates of the separator's weights", from = "ours" },
}

local study = studies[cfg.study]
check.key(cfg, "study", study, "main, k, languages, offset or domain")

local work = cells.open(cfg, {
  root = root, rows = study.rows,
  shared = { "films", "seconds", "separator_steps", "probes", "swaps" },
  training = { "steps", "batch", "k", "scale", "precision" },
  world = { "variety", "level", "tone", "hiss", "next_door" },
  defaults = { precision = "float32" },
})

local results = cfg.results ~= "" and cfg.results or cfg.out .. "/results"
local function write()
  report.write(results, cfg.study, study, function(row) return work:cells(row) end, work.plan)
end

local wanted, rows = {}, study.rows
for _, name in ipairs(cfg.only) do wanted[name] = true end
if #cfg.only > 0 then
  rows = {}
  for _, row in ipairs(study.rows) do
    if wanted[row.name] then rows[#rows + 1] = row end
  end
end
work:fill(rows, function(row, cell) report.add(results, cfg.study, row, cell) end, write)
write()
print("results: " .. results)
