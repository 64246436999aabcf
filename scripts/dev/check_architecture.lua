--- Holds the table of docs/architecture.md to Package.swift:
---
---     swift package describe --type json > package.json
---     dubkit run scripts/dev/check_architecture.lua --set package=package.json
local kit = require "kit"

local cfg = kit.recipe { package = "package.json", page = "docs/architecture.md", seed = 0 }

local function sorted(names)
  table.sort(names)
  return table.concat(names, ", ")
end

-- What the page says: "| `KitTensor` | KitCore, CKernels | ... |".
local drawn, libraries = {}, {}
for line in io.lines(cfg.page) do
  local module, imports = line:match("^| `([%w_]+)` | ([%w_, ]*)|")
  if module then
    local names = {}
    for name in imports:gmatch("[%w_]+") do names[#names + 1] = name end
    drawn[module] = sorted(names)
  elseif line:find("are libraries of the system", 1, true) then
    for name in line:gmatch("`([%w_]+)`") do libraries[name] = true end
  end
end
assert(next(drawn) and next(libraries), cfg.page .. " has no table of modules")

-- What the package is made of; tests and benchmarks are no part of the map.
local faults = {}
local function fault(...) faults[#faults + 1] = string.format(...) end
for _, target in ipairs(kit.read_json { path = cfg.package }.targets) do
  local is_library = target.type == "system-target"
  if is_library and not libraries[target.name] then
    fault("the library '%s' is missing", target.name)
  elseif not is_library and target.path:find("^Sources/") then
    local imports = sorted(target.target_dependencies or {})
    if not drawn[target.name] then
      fault("the module '%s' is missing", target.name)
    elseif drawn[target.name] ~= imports then
      fault("'%s' imports %s, but is drawn with %s", target.name, imports, drawn[target.name])
    end
  end
  drawn[target.name], libraries[target.name] = nil, nil
end
for name in pairs(drawn) do fault("there is no module '%s'", name) end
for name in pairs(libraries) do fault("there is no library '%s'", name) end
if #faults > 0 then error(cfg.page .. " is not what Package.swift says:\n  " .. table.concat(faults, "\n  "), 0) end
