--- The rows of a study of dose and response: each system at each dose of each factor.
local world = require "world"

local dose_rows = { factors = { "all", table.unpack(world.doses) } }

--- The systems, of which the others are compared with the first.
local systems = {
  { name = "none", title = "no dub", recipe = "simclr_av" },
  { name = "one", title = "one dub", recipe = "simclr_dub", set = { secondary = "es" } },
  { name = "three", title = "three dubs", recipe = "simclr_dub", set = { secondary = "es,fr,ja" } },
  { name = "removed", title = "speech removed", recipe = "simclr_sep" },
}

dose_rows.systems = {}
for n, system in ipairs(systems) do dose_rows.systems[n] = system.name end

--- The systems with these names and the first, which the others are compared with.
function dose_rows.chosen(names)
  local list = {}
  for n, system in ipairs(systems) do
    local is_wanted = n == 1
    for _, name in ipairs(names) do is_wanted = is_wanted or name == system.name end
    if is_wanted then list[#list + 1] = system end
  end
  return list
end

local function row(system, factor, dose)
  local name = dose > 0 and ("%s_%s_%d"):format(system.name, factor, math.floor(100 * dose + 0.5))
    or system.name .. "_0"
  return {
    name = name, title = dose > 0 and ("%s, %s %g"):format(system.title, factor, dose) or system.title .. ", dose 0",
    system = system, factor = factor, dose = dose, recipe = system.recipe, set = system.set or {},
    films = dose > 0 and world.dosed(factor, dose) or "films", probe = "probe",
  }
end

--- All rows: at dose 0 (the same films for all factors) with what needs no training, then by dose from the highest, so
--- that a study that is stopped has seen both ends.
function dose_rows.rows(chosen, factors, doses)
  local rows = {}
  local function add(factor, dose)
    for _, system in ipairs(chosen) do rows[#rows + 1] = row(system, factor, dose) end
  end
  add(nil, 0)
  for _, weights in ipairs { "majority", "mean_log_mel", "random" } do
    rows[#rows + 1] = {
      name = weights, title = ({ majority = "majority class", mean_log_mel = "mean log-mel", random = "fresh weights" })
        [weights], weights = weights, of = "none_0", alone = weights ~= "random", films = "films", probe = "probe",
    }
  end
  local falling = table.move(doses, 1, #doses, 1, {})
  table.sort(falling, function(a, b) return a > b end)
  for _, dose in ipairs(falling) do
    for _, factor in ipairs(factors) do add(factor, dose) end
  end
  return rows
end

--- The row of a system at a dose of a factor; dose 0 belongs to all factors.
function dose_rows.find(rows, system, factor, dose)
  for _, each in ipairs(rows) do
    if each.system == system and each.dose == dose and (dose == 0 or each.factor == factor) then return each end
  end
end

return dose_rows
