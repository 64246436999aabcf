-- Lets Ctrl-C out of error handlers and coroutines. The hook raises its error with hooks off, so code that runs before
-- the next protected call catches it, such as an error handler, could no longer be stopped.
local create, resume, close = coroutine.create, coroutine.resume, coroutine.close
local error, raw_xpcall, type = error, xpcall, type

local function is_interrupt(e) return type(e) == "table" and rawget(e, "kind") == "interrupted" end

function xpcall(f, handler, ...)
  if type(handler) ~= "function" then return raw_xpcall(f, handler, ...) end
  return raw_xpcall(f, function(e)
    if is_interrupt(e) then return e end
    return handler(e)
  end, ...)
end

-- Coroutines that were interrupted: hooks are off in them for good, so their <close> variables are left alone.
local broken = setmetatable({}, { __mode = "k" })

local function pass_on(thread, ok, ...)
  if not ok and is_interrupt(...) then
    broken[thread] = true
    error(..., 0)
  end
  return ok, ...
end

function coroutine.resume(thread, ...) return pass_on(thread, resume(thread, ...)) end

function coroutine.close(thread)
  if broken[thread] then return true end
  return close(thread)
end

local function results(thread, ok, ...)
  if ok then return ... end
  local e = ...
  if coroutine.status(thread) == "dead" then
    local closed, other = close(thread)
    if not closed then e = other end
  end
  error(e, 0)
end

function coroutine.wrap(f)
  local thread = create(f)
  return function(...) return results(thread, pass_on(thread, resume(thread, ...))) end
end
