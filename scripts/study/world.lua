--- The sets of films of a study: which there are, and making those that are not there yet.
local kit = require "kit"
local exists = require("files").exists

local world = {}

--- What the picture tells of the speech: the doses that a set's name can state.
world.doses = { "lips", "face", "topic" }

--- The name of the training films with a dose, 0 to 1, of one of them or of "all", in percent: films_lips_67.
function world.dosed(factor, dose) return ("films_%s_%d"):format(factor, math.floor(100 * dose + 0.5)) end

--- The keys of the recipe that makes each set, by name; the study's keys give the number of films.
local function settings(name, cfg, passed)
  local factor, percent = name:match "^films_(%a+)_(%d+)$"
  local kind, domain = name:match "^(%a+)_(%a+)$"
  kind = factor and "films" or kind or name
  local set = { domain = domain or "film", speech_cache = cfg.out .. "/world/speech" }
  for _, key in ipairs(passed) do set[key] = cfg[key] end
  for _, dose in ipairs(world.doses) do
    if factor == dose or factor == "all" then set[dose] = percent / 100 end
  end
  if kind == "films" then
    set.use, set.films, set.seconds, set.seed = "training", cfg.films, cfg.seconds, 1
  elseif kind == "probe" then
    set.use, set.films, set.seconds, set.seed = "tasks", cfg.probes, 3, 2
  else
    set.use, set.films, set.seconds, set.seed = "swaps", cfg.swaps, 3, 3
  end
  set.out = ("%s/world/%s"):format(cfg.out, name)
  return set
end

--- The films of the set `films` with another track zxx: not the background that they were made with, but what a U-Net,
--- trained on the sound of other films, leaves of their original track.
local function separate(cfg, run)
  local folder = cfg.out .. "/world"
  local films, separated, stems = folder .. "/films", folder .. "/films_separated", folder .. "/stems"
  local weights = folder .. "/separator.safetensors"
  if not exists(weights) then
    if not exists(stems .. "/stems.csv") then
      run("samples/make_stems.lua", { out = stems, films = cfg.films, seed = 4 })
    end
    local keys = { data = stems .. "/stems.csv", weights = weights, steps = cfg.separator_steps }
    run("scripts/separate/train.lua", keys, "--runs", folder .. "/runs", "--resume", "auto")
  end
  -- Film by film: each has its name when it is whole, so those that are there need not be made again.
  for line in io.lines(films .. "/manifest.jsonl") do
    local path = line:match '"path": "(.-)"'
    if not exists(separated .. "/" .. path) then
      run("scripts/separate/remove_speech.lua", {
        data = films .. "/" .. path, out = separated .. "/" .. path:match "^(.*)/", overwrite = true, language = "en",
        separator = "mask_unet=" .. weights,
      })
    end
  end
  -- Last, under its name in one move: a folder that has it is complete.
  kit.copy_file { from = films .. "/manifest.jsonl", to = separated .. "/manifest.jsonl" }
end

--- When a set can be made: 1 at once, 2 after the others.
function world.stage(name) return name == "films_separated" and 2 or 1 end

--- Makes a set if it is not there whole. `passed` names the study's keys that are keys of its world, too. `run` runs a
--- recipe with keys; it does not return if that fails.
function world.need(name, cfg, passed, run)
  if exists(("%s/world/%s/manifest.jsonl"):format(cfg.out, name)) then return end
  if name == "films_separated" then
    world.need("films", cfg, passed, run)
    separate(cfg, run)
  else
    run("samples/make_world.lua", settings(name, cfg, passed))
  end
end

return world
