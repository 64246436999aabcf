-- A chunk at the prompt: an expression, whose values are shown, or statements.
local shared = ...

local load, getinfo = load, debug.getinfo
local most_frames, most_variables = 20, 250

-- Returns the chunk, or else whether the text is incomplete, and Lua's message. `kept` is the text as statements whose
-- local names stay in the session.
local function compile(text, name, kept)
  local is_beginning, chunk, message = false, nil, nil
  for _, source in ipairs { "return " .. text, text } do
    chunk, message = load(source, name)
    if chunk then return source == text and kept and load(kept, name) or chunk end
    if message == "not enough memory" then return nil, false, message end
    is_beginning = is_beginning or message:find("<eof>$") ~= nil
  end
  return nil, is_beginning, message
end

-- The values as text. The first one is `_` from now on.
local function shown(...)
  local values = table.pack(...)
  if values[1] ~= nil then rawset(_G, "_", values[1]) end
  for i = 1, values.n do values[i] = shared.inspect(values[i]) end
  values.n = nil
  return values
end

-- The functions that the last error ended, innermost first: where each was, and its variables by name.
local frames = {}

-- The variables of a running function. Of its upvalues, functions are left out, which are mostly helpers.
local function variables(level, f)
  local names, values = {}, {}
  local function add(name, value)
    if not name:find "^[%a_]" or name == "_ENV" then return end
    if not values[name] then names[#names + 1] = name end
    values[name] = { value }
  end
  for i = 1, most_variables do
    local name, value = shared.getlocal(level + 1, i)
    if not name then break end
    add(name, value)
  end
  for i = 1, most_variables do
    local name, value = shared.getupvalue(f, i)
    if not name then break end
    if not values[name] and type(value) ~= "function" then add(name, value) end
  end
  return names, values
end

-- Keeps what can be looked at after an error. Called while the functions that it ends still run, from level 3 on.
local function keep_frames()
  frames = {}
  local level = 3
  while #frames < most_frames do
    local facts = getinfo(level, "Slnf")
    if not facts then break end
    if facts.what ~= "C" and facts.source:sub(1, 5) ~= "=kit/" then
      local names, values = variables(level, facts.func)
      local name = facts.what == "main" and "the file" or facts.name or "a function"
      if #names > 0 then
        local place = ("%s:%d"):format(facts.source:gsub("^[@=]", ""), facts.currentline)
        frames[#frames + 1] = { title = name .. ", " .. place, names = names, values = values }
      end
    end
    level = level + 1
  end
end

-- The global names and modules from when the session began.
local own_names, own_modules

return {
  -- Marks everything defined so far as the kit's own.
  mark_own = function()
    own_names, own_modules = shared.keys(_G), shared.keys(package.loaded)
  end,

  keep_frames = keep_frames,
  frame_count = function() return #frames end,

  -- The functions that the last error ended with their variables, as text.
  frames_text = function()
    local lines = {}
    for number, frame in ipairs(frames) do
      lines[#lines + 1] = ("%d  %s"):format(number, frame.title)
      local width = 0
      for _, name in ipairs(frame.names) do width = math.max(width, #name) end
      for _, name in ipairs(frame.names) do
        lines[#lines + 1] = ("   %s%s  %s"):format(name, (" "):rep(width - #name), shared.line(frame.values[name][1]))
      end
    end
    return table.concat(lines, "\n")
  end,

  -- Makes the variables of one of these functions names of the session, and returns them.
  enter_frame = function(number)
    local frame = frames[number]
    for _, name in ipairs(frame.names) do rawset(_G, name, frame.values[name][1]) end
    return table.concat(frame.names, ", ")
  end,

  -- The values as text; false if the text is incomplete.
  evaluate = function(text, name, kept)
    local chunk, is_beginning, message = compile(text, name, kept)
    if chunk then return shown(chunk()) end
    if not is_beginning then error(message, 0) end
    return false
  end,

  -- "complete", "beginning" or "wrong".
  syntax = function(text)
    local chunk, is_beginning = compile(text, "=prompt")
    return chunk and "complete" or is_beginning and "beginning" or "wrong"
  end,

  -- Runs a file, whose text is `kept`; returns its values as text.
  run_shown = function(path, kept)
    -- With too many names for one function, or if it reads its own globals, the file is run as it is.
    local chunk, message = load(kept, "@" .. path)
    if not chunk then chunk, message = loadfile(path) end
    if not chunk then error(message, 0) end
    return shown(chunk())
  end,

  -- Makes `require` load again what the session has loaded.
  forget_modules = function()
    for name in pairs(package.loaded) do
      if not own_modules[name] then package.loaded[name] = nil end
    end
  end,

  -- The names that the session has defined, one per line.
  names_defined = function()
    local names, width = {}, 0
    for name in pairs(_G) do
      if not own_names[name] and name ~= "_" then
        names[#names + 1] = name
        width = math.max(width, #tostring(name))
      end
    end
    for i, name in ipairs(names) do
      names[i] = tostring(name) .. (" "):rep(width - #tostring(name)) .. "  " .. shared.line(_G[name])
    end
    return table.concat(names, "\n")
  end,

  -- The members of `a.b.c`: the keys of a table, an object itself, nil for anything else.
  members = function(path)
    local value = _G
    for _, name in ipairs(path) do
      if type(value) == "table" then
        value = rawget(value, name)
      elseif type(value) == "userdata" then
        local ok, found = pcall(function() return value[name] end)
        value = ok and found or nil
      else
        value = nil
      end
    end
    if type(value) == "userdata" then return value end
    if type(value) == "string" then value = string end
    if type(value) ~= "table" then return nil end
    local names = {}
    for name in pairs(value) do
      if type(name) == "string" then names[#names + 1] = name end
    end
    return names
  end,

  -- Where a function was written: "recipe.lua:12".
  place = function(f)
    local facts = getinfo(f, "S")
    return facts.what == "C" and facts.short_src or facts.source:sub(2) .. ":" .. facts.linedefined
  end,

  -- Facts about a function: where it was written and what it takes.
  function_facts = function(f)
    local facts = getinfo(f, "Su")
    local parameters = shared.parameters(f, facts.nparams)
    if facts.isvararg and facts.what ~= "C" then parameters[#parameters + 1] = "..." end
    local name
    for module, members in pairs(package.loaded) do
      for key, value in pairs(type(members) == "table" and members or {}) do
        if rawequal(value, f) then name = (module == "_G" and "" or module .. ".") .. tostring(key) end
      end
    end
    return { what = facts.what, source = facts.source, line = facts.linedefined, name = name, parameters = parameters }
  end,
}
