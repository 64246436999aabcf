-- Loads source text only, and keeps every function of the libraries within reach of Ctrl-C.
local shared = ...

local raw_load, raw_loadfile = load, loadfile
local raw_execute, raw_rep, raw_setmetatable, raw_sort = os.execute, string.rep, setmetatable, table.sort
local error, rawget, type, concat = error, rawget, type, table.concat

-- Lua does not check bytecode, which can crash it.

local function as_text(mode)
  if mode ~= nil and not tostring(mode):find("t", 1, true) then
    error("bytecode is not loaded; only Lua source text is (mode '" .. tostring(mode) .. "')", 3)
  end
end

local function clear_message(chunk, message)
  if not chunk and tostring(message):find("attempt to load a binary chunk", 1, true) then
    message = "this is Lua bytecode; only Lua source text is loaded"
  end
  return chunk, message
end

function load(chunk, name, mode, ...)
  as_text(mode)
  return clear_message(raw_load(chunk, name, "t", ...))
end

function loadfile(path, mode, ...)
  as_text(mode)
  return clear_message(raw_loadfile(path, "t", ...))
end

function dofile(path)
  local chunk, message = loadfile(path)
  if not chunk then error(message, 2) end
  return chunk()
end

local function loaded_names()
  local names = {}
  for name in next, package.loaded do names[#names + 1] = tostring(name) end
  return names
end

-- Modules are Lua files next to the recipe; C libraries are not loaded.
package.path, package.cpath, package.loadlib = "", "", nil
package.searchers = {
  package.searchers[1],
  function(name)
    local path = package.searchpath(name, package.path)
    if not path then error(shared.absent_module(name, package.path, loaded_names()), 0) end
    local chunk, fault = loadfile(path)
    if not chunk then error("module '" .. name .. "': " .. fault, 0) end
    shared.loaded_module(name, path)
    return chunk, path
  end,
}

-- A finalizer runs with hooks off, so Ctrl-C could not end one that loops.
function setmetatable(value, metatable)
  if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
    error("__gc is not available: use a variable marked <close>", 2)
  end
  return raw_setmetatable(value, metatable)
end

-- The rest of this library could remove the hook.
local raw_getlocal, raw_getupvalue = debug.getlocal, debug.getupvalue
debug = { traceback = debug.traceback, getinfo = debug.getinfo }
package.loaded.debug = debug

-- While a command runs, Ctrl-C reaches only the command.
function os.execute(command)
  local ok, how, code = raw_execute(command)
  if how == "signal" and code == 2 then shared.interrupt() end
  return ok, how, code
end

-- Long loops inside C never run the hook. These three functions do: they repeat in blocks, and move and compare in Lua.
local block, longest = 65536, 0x7fffffff

local function expect(value, kind, position, name)
  if type(value) == kind or (kind == "string" and type(value) == "number") then return end
  error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, name, kind, type(value)), 3)
end

function string.rep(text, count, separator)
  expect(text, "string", 1, "rep")
  expect(count, "number", 2, "rep")
  if count <= block then return raw_rep(text, count, separator) end
  local piece = text .. (separator or "")
  if #piece == 0 then return "" end
  if count > longest // #piece then error("resulting string too large", 2) end
  local whole, left = (count - 1) // block, (count - 1) % block
  return concat { raw_rep(raw_rep(piece, block), whole), raw_rep(piece, left), text }
end

function table.move(from, first, last, to, target)
  expect(from, "table", 1, "move")
  expect(first, "number", 2, "move")
  expect(last, "number", 3, "move")
  expect(to, "number", 4, "move")
  target = target or from
  if to > last or to <= first or target ~= from then
    for i = 0, last - first do target[to + i] = from[first + i] end
  else
    for i = last - first, 0, -1 do target[to + i] = from[first + i] end
  end
  return target
end

function table.sort(list, before)
  expect(list, "table", 1, "sort")
  if before == nil and #list > block then before = function(a, b) return a < b end end
  return raw_sort(list, before)
end

-- By default Lua seeds its random numbers with the clock.
math.randomseed(0)

return {
  define = function(name, value)
    _G[name] = value
    package.loaded[name] = value
  end,
  set_search_path = function(folders)
    for i, folder in ipairs(folders) do folders[i] = folder .. "/?.lua" end
    package.path = concat(folders, ";")
  end,
  search_path = function() return package.path end,
  loaded_names = loaded_names,
  set_arguments = function(script, arguments)
    arguments[0] = script
    arg = arguments
  end,
  seed = math.randomseed,
  -- For the prompt, which shows the variables of functions that failed.
  getlocal = raw_getlocal,
  getupvalue = raw_getupvalue,
  -- The names of a function's first parameters.
  parameters = function(f, count)
    local names = {}
    for i = 1, count do names[i] = raw_getlocal(f, i) end
    return names
  end,
}
