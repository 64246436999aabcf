--- The sets of films of a study: which there are, and making those that are not there yet.
local kit = require "kit"
local exists = require("files").exists

local world = {}

--- The command that makes each set, by name; the study's keys give the number of films.
local function settings(name, cfg)
  local kind, domain = name:match("^(%a+)_(%a+)$")
  kind = kind or name
  local set = {
    domain = domain or "film", variety = cfg.variety, level = cfg.level, tone = cfg.tone, hiss = cfg.hiss,
    next_door = cfg.next_door,
    speech_cache = cfg.out .. "/world/speech",
  }
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

--- Makes a set if it is not there whole. `run` runs a recipe with keys; it does not return if that fails.
function world.need(name, cfg, run)
  if exists(("%s/world/%s/manifest.jsonl"):format(cfg.out, name)) then return end
  if name == "films_separated" then
    world.need("films", cfg, run)
    separate(cfg, run)
  else
    run("samples/make_world.lua", settings(name, cfg))
  end
end

return world
