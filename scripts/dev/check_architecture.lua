--- Compares docs/architecture.md and the imports of every file with Package.swift, which declares the layers.
---
---     swift package describe --type json > package.json
---     dubkit run scripts/dev/check_architecture.lua --set package=package.json
local kit = require "kit"

local cfg = kit.recipe { package = "package.json", page = "docs/architecture.md", seed = 0 }

local faults = {}
local function fault(...) faults[#faults + 1] = string.format(...) end

local function sorted(names)
  table.sort(names)
  return table.concat(names, ", ")
end

-- The targets below Sources by name; tests and benchmarks are not part of the map.
local modules, is_library = {}, {}
for _, target in ipairs(kit.read_json { path = cfg.package }.targets) do
  if target.type == "system-target" then
    is_library[target.name] = true
  elseif target.path:find("^Sources/") then
    modules[target.name] = target
  end
end

-- The dependencies of a target. Those that depend on `Kit` also name the modules behind it, only for the build.
local function dependencies(target)
  local names, behind = {}, {}
  for _, name in ipairs(target.target_dependencies or {}) do
    if name == "Kit" then
      for _, own in ipairs(modules.Kit.target_dependencies) do behind[own] = true end
    end
  end
  for _, name in ipairs(target.target_dependencies or {}) do
    if not behind[name] then names[#names + 1] = name end
  end
  return names
end

-- The page's tables: "| `KitTensor` | KitCore, CKernels | ... |" and "| `Losses` | `kit.loss` |".
local drawn, libraries, kind_of = {}, {}, {}
for line in io.lines(cfg.page) do
  local module, imports = line:match("^| `([%w_]+)` | ([%w_, ]*)|")
  local folder, kind = line:match("^| `([%w_]+)` | `kit%.?([%w_]*)` |")
  if folder then
    kind_of[folder] = kind == "" and "kit" or kind
  elseif module then
    local names = {}
    for name in imports:gmatch("[%w_]+") do names[#names + 1] = name end
    drawn[module] = sorted(names)
  elseif line:find("are libraries of the system", 1, true) then
    for name in line:gmatch("`([%w_]+)`") do libraries[name] = true end
  end
end
assert(next(drawn) and next(libraries) and next(kind_of), cfg.page .. " lacks a table")

for name, target in pairs(modules) do
  local imports = sorted(dependencies(target))
  if not drawn[name] then
    fault("the module '%s' is missing", name)
  elseif drawn[name] ~= imports then
    fault("'%s' imports %s, but the page says %s", name, imports, drawn[name])
  end
end
for name in pairs(is_library) do
  if not libraries[name] then fault("the library '%s' is missing", name) end
end
for name in pairs(drawn) do
  if not modules[name] then fault("there is no module '%s'", name) end
end
for name in pairs(libraries) do
  if not is_library[name] then fault("there is no library '%s'", name) end
end

-- A file may import only what its target depends on. The compiler would also accept indirect dependencies.
for name, target in pairs(modules) do
  local may = {}
  for _, import in ipairs(dependencies(target)) do may[import] = true end
  for _, source in ipairs(target.sources or {}) do
    local path = target.path .. "/" .. source
    if path:find("%.swift$") then
      for line in io.lines(path) do
        local import = line:match("^[%w_@ ]*import [%l ]*(%u[%w_]*)")
        if import and (modules[import] or is_library[import]) and not may[import] then
          fault("%s imports %s, which '%s' does not depend on in Package.swift", path, import, name)
        end
      end
    end
  end
end

-- The folder of a plugin is its kind.
local function has(kind, name)
  local family = kind == "kit" and kit or kit[kind]
  for key in pairs(family) do
    if key == name then return true end
  end
  return false
end
for _, source in ipairs(modules.Plugins.sources) do
  local file = assert(io.open(modules.Plugins.path .. "/" .. source))
  local text = file:read "a"
  file:close()
  local folder = source:match("^[^/]+")
  local name = text:find("registerPlugin(", 1, true) and text:match('static let name = "([%w_]+)"')
  if not kind_of[folder] then
    fault("the plugin folder '%s' is missing", folder)
  elseif name and not has(kind_of[folder], name) then
    local family = kind_of[folder] == "kit" and "kit" or "kit." .. kind_of[folder]
    fault("Sources/Plugins/%s has '%s', but %s does not", source, name, family)
  end
end

if #faults > 0 then
  table.sort(faults)
  error(cfg.page .. " or the sources disagree with Package.swift:\n  " .. table.concat(faults, "\n  "), 0)
end
