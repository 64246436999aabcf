-- Values as the prompt shows them.
local shared = ...

local widest_line, most_items, deepest, longest_string, widest_cell = 100, 100, 8, 200, 40

-- The width of a line: that of the terminal, up to the widest.
local function line_width() return math.min(widest_line, math.max(20, shared.display_width() or widest_line)) end

local function is_name(key) return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil end

local inspect

local function key_text(key, path)
  if is_name(key) then return key .. " = " end
  return "[" .. inspect(key, path) .. "] = "
end

-- The cells of a record whose fields are plain or lists of plain values; nil if it is anything else.
local function cells(record)
  if type(record) ~= "table" or getmetatable(record) ~= nil then return nil end
  local row = {}
  for key, value in pairs(record) do
    if type(value) == "table" and getmetatable(value) == nil then
      local items = {}
      for i, item in ipairs(value) do
        if type(item) == "table" or type(item) == "userdata" then return nil end
        items[i] = tostring(item)
      end
      if #items ~= #shared.sorted_keys(value) then return nil end
      value = table.concat(items, " ")
    elseif type(value) ~= "string" and type(value) ~= "number" and type(value) ~= "boolean" then
      return nil
    end
    if math.type(value) == "float" then value = ("%.6g"):format(value) end
    local text = tostring(value)
    if not is_name(key) or #text > widest_cell or text:find("%c") then return nil end
    row[key] = text
  end
  return next(row) and row
end

-- A list of records with the same fields, as a table with one line each; nil for any other value.
local function records(value)
  if #value < 2 or #value ~= #shared.sorted_keys(value) then return nil end
  local rows, widths, names = {}, {}, {}
  for i = 1, math.min(#value, most_items) do
    rows[i] = cells(value[i])
    if not rows[i] then return nil end
    for name, text in pairs(rows[i]) do
      if not widths[name] then names[#names + 1] = name end
      widths[name] = math.max(widths[name] or #name, utf8.len(text) or #text)
    end
  end
  local width = 0
  for _, name in ipairs(names) do width = width + widths[name] + 2 end
  if width > line_width() then return nil end
  table.sort(names)
  local lines = {}
  for i = 0, #rows do
    local line = {}
    for k, name in ipairs(names) do
      local text = i == 0 and name or rows[i][name] or ""
      line[k] = text .. (" "):rep(widths[name] - (utf8.len(text) or #text))
    end
    lines[i + 1] = table.concat(line, "  "):gsub(" +$", "")
  end
  if #value > #rows then lines[#lines + 1] = ("... and %d more"):format(#value - #rows) end
  return table.concat(lines, "\n")
end

local function table_text(value, path)
  if path[value] then return "<itself>" end
  if #path == deepest then return "{...}" end
  path[value], path[#path + 1] = true, value
  local items, length = {}, #value
  for _, key in ipairs(shared.sorted_keys(value)) do
    if #items == most_items then
      items[#items + 1] = "..."
      break
    end
    local is_item = math.type(key) == "integer" and key >= 1 and key <= length
    items[#items + 1] = (is_item and "" or key_text(key, path)) .. inspect(rawget(value, key), path)
  end
  path[value], path[#path] = nil, nil
  if #items == 0 then return "{}" end
  local line = "{ " .. table.concat(items, ", ") .. " }"
  if #line <= line_width() and not line:find("\n", 1, true) then return line end
  return "{\n  " .. table.concat(items, ",\n"):gsub("\n", "\n  ") .. "\n}"
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r" }

local function string_text(value, is_nested)
  local rest = ""
  if is_nested and #value > longest_string then
    rest = ("... (%d bytes)"):format(#value)
    value = value:sub(1, longest_string)
  end
  return '"' .. value:gsub('[%c"\\]', function(letter)
    return escapes[letter] or ("\\x%02X"):format(letter:byte())
  end) .. '"' .. rest
end

-- Text of several lines, such as a report, as it would be printed, with control characters escaped.
local function page_text(value)
  return (value:gsub("%c", function(letter)
    if letter ~= "\n" and letter ~= "\t" then return escapes[letter] or ("\\x%02X"):format(letter:byte()) end
  end))
end

-- `path` holds the tables around the value; nil at the top, where objects and strings are shown in full.
function inspect(value, path)
  local kind = type(value)
  if kind == "string" and not path and value:find("\n", 1, true) then return page_text(value) end
  if kind == "string" then return string_text(value, path ~= nil) end
  if kind == "userdata" then
    local ok, text = pcall(path and shared.object_line or shared.object_text, value)
    return ok and text or tostring(value)
  end
  local metatable = getmetatable(value)
  if kind ~= "table" or (type(metatable) == "table" and metatable.__tostring) then
    if kind == "function" or kind == "thread" then return "<" .. kind .. ">" end
    return tostring(value)
  end
  return not path and records(value) or table_text(value, path or {})
end

-- A value on one line.
local function line(value)
  local text = inspect(value, {}):gsub("%s*\n%s*", " ")
  return #text <= widest_line and text or text:sub(1, utf8.offset(text, 0, widest_line - 3) - 1) .. "..."
end

return { inspect = function(value) return inspect(value) end, line = line }
