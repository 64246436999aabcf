--- The cost of calls between Lua and native code. The goal is below 1000 ns for a trivial one.
---
---     dubkit run benchmarks/lua_call.lua
local kit = require "kit"

local cfg = kit.recipe { calls = { 1000000, "calls in a measurement", from = "ours" } }
local scalar, pair = kit.tensor.ones { 1 }, kit.tensor.ones { 2 }
local loss = kit.loss

--- Prints the best of five measurements, minus the time of the empty loop.
local empty = 0
local function measure(name, body)
  body(1000)
  local best = math.huge
  for _ = 1, 5 do
    local start = os.clock()
    body(cfg.calls)
    best = math.min(best, os.clock() - start)
  end
  local nanoseconds = best / cfg.calls * 1e9
  if name then
    print(("%-36s %6.0f ns"):format(name, nanoseconds - empty))
  else
    empty = nanoseconds
  end
end

measure(nil, function(n) for _ = 1, n do end end)
measure("Lua function", function(n) local f = function() end for _ = 1, n do f() end end)
measure("C function, math.abs(x)", function(n) local f = math.abs for _ = 1, n do f(-1) end end)
measure("method with a number, t:item()", function(n) for _ = 1, n do scalar:item() end end)
measure("operator with a number, #t", function(n) for _ = 1, n do local _ = #pair end end)
measure("property with a number, cfg.seed", function(n) for _ = 1, n do local _ = cfg.seed end end)
measure("property with an object, kit.loss", function(n) for _ = 1, n do local _ = kit.loss end end)
measure("method with a list, t:shape()", function(n) for _ = 1, n do pair:shape() end end)
measure("operator with a new tensor, t + 1", function(n) for _ = 1, n do local _ = pair + 1 end end)
assert(loss == kit.loss)
