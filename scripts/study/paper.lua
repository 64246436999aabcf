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
local check = require "studio.check"
local report = require "results"
local shell = require "studio.shell"
local studies = require "rows"
local world = require "world"

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

--- The file, if it is there.
local function read(path)
  local file = io.open(path)
  if not file then return nil end
  file:close()
  return kit.read_json { path = path }
end

--- Runs a recipe of this checkout with this very program, and stops the study if it does not end well.
local program = shell.output "readlink -f /proc/$PPID/exe"
local function run(recipe, keys, ...)
  local words = { program, "run", root .. recipe, ... }
  for key, value in pairs(keys) do
    words[#words + 1] = "--set"
    words[#words + 1] = key .. "=" .. tostring(value)
  end
  local ok, how, number = shell.run(table.unpack(words))
  if not ok then
    local said = ("%s ended with %s %d; the same command continues from there"):format(recipe, how, number)
    if how ~= "exit" then error(said, 0) end
    -- Whoever started the study sees why it ended: 74 for a full disk, 130 for Ctrl-C.
    io.stderr:write("dubkit: ", said, "\n")
    os.exit(number)
  end
  return table.concat(words, " ", 2)
end

--- All cells of a study share these; another study needs another folder.
local shared = {
  "steps", "batch", "k", "scale", "films", "seconds", "separator_steps", "probes", "swaps", "variety", "level", "tone",
  "hiss", "next_door", "precision",
}
local plan, planned = {}, read(cfg.out .. "/study.json")
for _, key in ipairs(shared) do
  plan[key] = cfg[key]
  -- Studies of earlier versions have no precision: theirs was float32.
  local was = planned and (planned[key] == nil and key == "precision" and "float32" or planned[key])
  if planned and was ~= cfg[key] then
    error(("%s holds a study with %s=%s, not %s: give another 'out'"):format(cfg.out, key, was, cfg[key]), 0)
  end
end
kit.write_json { path = cfg.out .. "/study.json", value = plan }
if not read(cfg.out .. "/study.json") then
  local path = cfg.out .. "/study.json"
  error(path .. " cannot be read back: a study has no dry run, and 'out' must be on a disk that all machines share", 0)
end

local function cell_path(row, seed) return ("%s/cells/%s-%d.json"):format(cfg.out, row.name, seed) end

--- The cells of a row that were run.
local function cells(row)
  local list = {}
  for seed = 1, row.alone and 1 or cfg.seeds do list[#list + 1] = read(cell_path(row, seed)) end
  return list
end

--- Trains what a row needs, unless that is done, and returns the run's folder and how it was trained.
local function trained(row, seed)
  local keys = {
    data = ("%s/world/%s"):format(cfg.out, row.films), held_out = 0.1, scale = cfg.scale, steps = cfg.steps,
    batch = cfg.batch, k = cfg.k, precision = cfg.precision, seed = seed,
  }
  for key, value in pairs(row.set) do keys[key] = value end
  local runs = ("%s/runs/%s-%d"):format(cfg.out, row.trained_as or row.name, seed)
  local command = run(("scripts/pretrain/%s.lua"):format(row.recipe), keys, "--runs", runs, "--resume", "auto")
  return ("%s/%s"):format(runs, row.recipe), command
end

local results = cfg.results ~= "" and cfg.results or cfg.out .. "/results"

local function find(rows, name)
  for _, row in ipairs(rows) do
    if row.name == name then return row end
  end
end

--- Fills a cell unless it is filled already. Its sets of films must exist.
local function fill(row, seed)
  local path = cell_path(row, seed)
  if read(path) then return end
  print(("cell %s, seed %d"):format(row.name, seed))
  local begin = os.time()
  local folder, command = trained(row.of and find(studies.main.rows, row.of) or row, seed)
  run("scripts/study/evaluate.lua", {
    run = folder, weights = row.weights or "trained", world = cfg.out .. "/world", probe = row.probe, seed = seed,
    precision = cfg.precision, out = path .. ".figures",
  })
  local cell = kit.read_json { path = path .. ".figures" }
  cell.row, cell.command, cell.seconds = row.name, command, os.time() - begin
  report.add(results, cfg.study, row, cell)
  kit.write_json { path = path, value = cell }
  os.remove(path .. ".figures")
end

local wanted = {}
for _, name in ipairs(cfg.only) do wanted[name] = true end

--- Groups of cells that use one training: the first cell trains the system, and the others measure baselines for it or
--- the same system on other films.
local groups, group_of, sets = {}, {}, {}
local function plan_cell(row, seed)
  local system = row.of and find(studies.main.rows, row.of) or row
  local key = cell_path({ name = system.trained_as or system.name }, seed)
  local group = group_of[key]
  if not group then
    group = {}
    group_of[key], groups[#groups + 1] = group, group
    if system ~= row then plan_cell(system, seed) end
  end
  for _, cell in ipairs(group) do
    if cell.row == row.name then return end
  end
  group[#group + 1] = { row = row.name, seed = seed }
  if not read(cell_path(row, seed)) then table.move({ row.films, row.probe, "swaps" }, 1, 3, #sets + 1, sets) end
end
for seed = 1, cfg.seeds do
  for _, row in ipairs(study.rows) do
    if (#cfg.only == 0 or wanted[row.name]) and (seed == 1 or not row.alone) then plan_cell(row, seed) end
  end
end

-- One process makes the films while the others wait.
kit.distribute({ sets }, function(names)
  for _, name in ipairs(names) do world.need(name, cfg, run) end
end)
kit.distribute(groups, function(group)
  for _, cell in ipairs(group) do
    fill(find(study.rows, cell.row), cell.seed)
    report.write(results, cfg.study, study, cells, plan)
  end
end)
report.write(results, cfg.study, study, cells, plan)
print("results: " .. results)
