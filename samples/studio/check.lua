--- Ends a recipe with an error if a key has an unusable value.

local check = {}

--- Checks one key.
function check.key(cfg, key, holds, expected)
  if holds then return end
  local given = cfg[key]
  error(("key '%s' must be %s, but is %s"):format(key, expected, given == "" and "empty" or tostring(given)), 0)
end

local function is_within(value, least, most) return value >= least and value <= most end

--- Checks the keys of all generators: the folder, number and length of the films.
function check.films(cfg)
  check.key(cfg, "out", cfg.out ~= "", "a folder")
  check.key(cfg, "films", is_within(cfg.films, 1, 1000000), "1 to 1000000")
  check.key(cfg, "seconds", is_within(cfg.seconds, 2, 86400), "2 to 86400")
end

--- Checks the keys of generators that render video: its height and frame rate.
function check.video(cfg)
  check.key(cfg, "height", is_within(cfg.height, 16, 2160) and cfg.height % 2 == 0, "an even number from 16 to 2160")
  check.key(cfg, "frame_rate", is_within(cfg.frame_rate, 0.1, 240), "0.1 to 240")
end

return check
