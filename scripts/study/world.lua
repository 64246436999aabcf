--- The sets of films of a study: which there are, and making those that are not there yet.
local world = {}

--- What makes a set, by its name; the study's keys say how many films.
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

--- Makes a set if it is not there whole. `run` runs a recipe with keys; it does not return if that fails.
function world.need(name, cfg, run)
  local set = settings(name, cfg)
  local manifest = io.open(set.out .. "/manifest.jsonl")
  if manifest then
    manifest:close()
  else
    run("samples/make_world.lua", set)
  end
end

return world
