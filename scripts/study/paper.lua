--- The comparison of arXiv 2304.05600 on a world with known truth: trains every system with several seeds, probes what
--- it learned, and fills a table of systems and tasks. A cell (a system with one seed) is a file; a study that is
--- stopped anywhere continues with the same command, and ends with the same results.
---
---     dubkit run scripts/study/paper.lua --set out=study
---     dubkit run scripts/study/paper.lua --set out=study --set study=k
---     mpirun -n 4 dubkit run scripts/study/paper.lua --set out=/shared/study
---
--- Several processes share the cells. Their machines share the disk that `out` is on.
local kit = require "kit"
local root = debug.getinfo(1, "S").source:match("^@(.*)scripts/study/[^/]*$")
if not root then error("run this by its path in the checkout, such as scripts/study/paper.lua", 0) end
package.path = package.path .. ";" .. root .. "samples/?.lua"
local cells = require "cells"
local check = require "studio.check"
local report = require "results"
local studies = require "rows"

local cfg = kit.recipe {
  out = { "study", "folder for all files of the study", from = "ours" },
  study = { "main", "main, k, languages, offset or domain", from = "ours" },
  only = { {}, "rows to run; none runs the whole study", from = "ours" },
  seeds = { 3, "trainings of each system, with the seeds 1, 2, 3 ...", from = "ours" },
  steps = { 300, "updates of the weights", from = "ours" },
  batch = { 32, "clips in a batch", from = "ours" },
  k = { 4, "clips of a batch that come from one film", from = "ours" },
  scale = { "study", "size of the encoders and frames", from = "ours" },
  precision = {
    "float32", "arithmetic of the encoders: float32 or bfloat16", from = "ours", choices = { "float32", "bfloat16" },
  },
  films = { 120, "films to train on", from = "ours" },
  seconds = { 36.0, "length of a film to train on", from = "ours" },
  separator_steps = { 300, "updates of the separator's weights", from = "ours" },
  probes = { 800, "films of 3 s to probe with", from = "ours" },
  swaps = { 120, "films of 3 s with counterfactual tracks", from = "ours" },
  variety = { 0.7, "octaves by which events of one kind differ in pitch, at most, up or down", from = "ours" },
  level = { 6.0, "dB by which recordings are louder or softer, at most", from = "ours" },
  tone = { 0.6, "0 to 0.9: how strongly rooms and microphones colour the sound, at most", from = "ours" },
  hiss = { 30.0, "dB below full scale of the loudest hiss; 0 for none", from = "ours" },
  next_door = { 6.0, "dB by which another film's background, heard too, is softer; 0 for none", from = "ours" },
  results = { "", "folder for tables and figures; empty for `out`/results", from = "ours" },
  seed = { 1, "of nothing here: cells have seeds of their own", from = "ours" },
}

local study = studies[cfg.study]
check.key(cfg, "study", study, "main, k, languages, offset or domain")
check.key(cfg, "seeds", cfg.seeds >= 1, "1 or more")
check.key(cfg, "out", cfg.out ~= "", "a folder")

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
