-- pairs in a fixed order: numbers, then strings, each sorted, then other keys in Lua's order. Lua's own order
-- differs from run to run, and with it the order of sums and of modules, whatever the seed.
local raw_pairs, next, sort, type = pairs, next, table.sort, type

local ranks = { number = 1, string = 2 }

local function before(a, b)
  local rank_a, rank_b = ranks[type(a)], ranks[type(b)]
  if rank_a ~= rank_b then return rank_a < rank_b end
  return a < b
end

local function sorted_keys(value)
  local keys, others, is_sorted = {}, {}, true
  for key in next, value do
    if ranks[type(key)] then
      is_sorted = is_sorted and (#keys == 0 or before(keys[#keys], key))
      keys[#keys + 1] = key
    else
      others[#others + 1] = key
    end
  end
  if not is_sorted then sort(keys, before) end
  for _, key in ipairs(others) do keys[#keys + 1] = key end
  return keys
end

function pairs(value)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" then
    error("bad argument #1 to 'pairs' (table expected, got " .. kind .. ")", 2)
  end
  local step, state, first = raw_pairs(value)
  if step ~= next then return step, state, first end
  local keys, position = sorted_keys(state), 0
  return function()
    local key, found
    repeat
      position = position + 1
      key = keys[position]
      if key == nil then return nil end
      found = rawget(state, key)
    until found ~= nil
    return key, found
  end, state, nil
end

return {
  sorted_keys = sorted_keys,
  -- The keys of a table as a set.
  keys = function(value)
    local set = {}
    for key in next, value do set[key] = true end
    return set
  end,
}
