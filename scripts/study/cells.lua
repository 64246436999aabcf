--- The cells of a study: a system that is trained with one seed and measured. Each is a file, so a study that is
--- stopped anywhere continues with the same command and ends with the same results.
local kit = require "kit"
local check = require "studio.check"
local shell = require "studio.shell"
local world = require "world"

local cells = {}
local Study = {}
Study.__index = Study

--- Declares a study's keys: those of all studies and its own, which replace shared ones of the same name.
function cells.recipe(own)
  local keys = {
    seeds = { 3, "trainings of each system, with the seeds 1, 2, 3 ...", from = "ours" },
    steps = { 300, "updates of the weights", from = "ours" },
    batch = { 32, "clips in a batch", from = "ours" },
    k = { 4, "clips of a batch that come from one film", from = "ours" },
    scale = { "study", "size of the encoders, frames and spectrograms", from = "ours" },
    precision = {
      "float32", "arithmetic of the encoders: float32 or bfloat16", from = "ours", choices = { "float32", "bfloat16" },
    },
    films = { 120, "films to train on", from = "ours" },
    seconds = { 36.0, "length of a film to train on", from = "ours" },
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
  for key, value in pairs(own) do keys[key] = value end
  local cfg = kit.recipe(keys)
  check.key(cfg, "seeds", cfg.seeds >= 1, "1 or more")
  check.key(cfg, "out", cfg.out ~= "", "a folder")
  return cfg
end

--- The JSON file's value, if the file is there.
local function read(path)
  local file = io.open(path)
  if not file then return nil end
  file:close()
  return kit.read_json { path = path }
end

--- The keys that all cells of a study share. Throws if the folder holds a study with others.
local function plan_of(cfg, options)
  local path = cfg.out .. "/study.json"
  local plan, planned = {}, read(path)
  for _, keys in ipairs { options.shared, options.training, options.world } do
    for _, key in ipairs(keys) do
      plan[key] = cfg[key]
      local was = planned and planned[key]
      if planned and was == nil and options.defaults then was = options.defaults[key] end
      if planned and was ~= cfg[key] then
        error(("%s holds a study with %s=%s, not %s: give another 'out'"):format(cfg.out, key, was, cfg[key]), 0)
      end
    end
  end
  kit.write_json { path = path, value = plan }
  if not read(path) then
    local why = "a study has no dry run, and 'out' must be on a disk that all machines share"
    error(("%s cannot be read back: %s"):format(path, why), 0)
  end
  return plan
end

--- Opens the study in the folder `cfg.out`.
---
---   root      the checkout, whose recipes it runs
---   shared    names of keys that all cells share
---   training  names of others, which are keys of the training recipes, too
---   world     names of others, which are keys of samples/make_world.lua, too
---   defaults  the values that earlier versions used for keys which they did not have; none by default
---   rows      all rows: of each, `name`, `recipe` and what else rows.lua says
function cells.open(cfg, options)
  return setmetatable({
    cfg = cfg, root = options.root, training = options.training, world = options.world, rows = options.rows,
    plan = plan_of(cfg, options),
    program = shell.output "readlink -f /proc/$PPID/exe",
  }, Study)
end

--- Runs a recipe of this checkout with this very program, and stops the study if it does not end well.
function Study:run(recipe, keys, ...)
  local words = { self.program, "run", self.root .. recipe, ... }
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

local function path_of(self, name, seed) return ("%s/cells/%s-%d.json"):format(self.cfg.out, name, seed) end

--- The cells of a row that were run.
function Study:cells(row)
  local list = {}
  for seed = 1, row.alone and 1 or self.cfg.seeds do list[#list + 1] = read(path_of(self, row.name, seed)) end
  return list
end

--- The row that is trained for a row: itself, or the one whose encoders a baseline replaces.
local function system_of(self, row)
  if not row.of then return row end
  for _, each in ipairs(self.rows) do
    if each.name == row.of then return each end
  end
end

--- Trains what a row needs, unless that is done, and returns the run's folder and how it was trained.
local function trained(self, row, seed)
  local keys = { data = ("%s/world/%s"):format(self.cfg.out, row.films), held_out = 0.1, seed = seed }
  for _, key in ipairs(self.training) do keys[key] = self.cfg[key] end
  for key, value in pairs(row.set) do keys[key] = value end
  local runs = ("%s/runs/%s-%d"):format(self.cfg.out, row.trained_as or row.name, seed)
  local command = self:run(("scripts/pretrain/%s.lua"):format(row.recipe), keys, "--runs", runs, "--resume", "auto")
  return ("%s/%s"):format(runs, row.recipe), command
end

--- Fills a cell unless it is filled already, and hands it to `filled`. Its sets of films must exist.
local function fill(self, row, seed, filled)
  local path, cfg = path_of(self, row.name, seed), self.cfg
  if read(path) then return end
  print(("cell %s, seed %d"):format(row.name, seed))
  local begin = os.time()
  local folder, command = trained(self, system_of(self, row), seed)
  self:run("scripts/study/evaluate.lua", {
    run = folder, weights = row.weights or "trained", world = cfg.out .. "/world", probe = row.probe, seed = seed,
    precision = cfg.precision, out = path .. ".figures",
  })
  local cell = kit.read_json { path = path .. ".figures" }
  cell.row, cell.command, cell.seconds = row.name, command, os.time() - begin
  filled(row, cell)
  kit.write_json { path = path, value = cell }
  os.remove(path .. ".figures")
end

--- Fills all cells of these rows, seed by seed: several processes share them. `filled(row, cell)` is called before a
--- cell's file is written, and `changed()` after the cells of one training.
function Study:fill(rows, filled, changed)
  -- Cells that use one training belong together: the first trains the system, and the others measure baselines for it
  -- or the same system on other films.
  local groups, group_of, sets, is_planned = {}, {}, { {}, {} }, {}
  local function plan_cell(row, seed)
    local system = system_of(self, row)
    local key = path_of(self, system.trained_as or system.name, seed)
    local group = group_of[key]
    if not group then
      group = {}
      group_of[key], groups[#groups + 1] = group, group
      if system ~= row then plan_cell(system, seed) end
    end
    for _, cell in ipairs(group) do
      if cell.row == row then return end
    end
    group[#group + 1] = { row = row, seed = seed }
    if read(path_of(self, row.name, seed)) then return end
    for _, set in ipairs { row.films, row.probe, "swaps" } do
      if not is_planned[set] then
        local stage = sets[world.stage(set)]
        is_planned[set], stage[#stage + 1] = true, set
      end
    end
  end
  for seed = 1, self.cfg.seeds do
    for _, row in ipairs(rows) do
      if seed == 1 or not row.alone then plan_cell(row, seed) end
    end
  end

  local function run(...) return self:run(...) end
  for _, stage in ipairs(sets) do
    kit.distribute(stage, function(set) world.need(set, self.cfg, self.world, run) end)
  end
  kit.distribute(groups, function(group)
    for _, cell in ipairs(group) do
      fill(self, cell.row, cell.seed, filled)
      changed()
    end
  end)
end

return cells
