--- Commands of the user with {placeholders}: recognition, translation, voices.
local kit = require "kit"

local command = {}

--- A text with each {name} replaced by its value. Unknown names are an error that lists the known ones.
function command.filled(text, values)
  return (text:gsub("{(%a+)}", function(name)
    if values[name] == nil then
      local known = {}
      for key in pairs(values) do known[#known + 1] = "{" .. key .. "}" end
      table.sort(known)
      error(("'%s': there is no {%s} here, only %s"):format(text, name, table.concat(known, ", ")), 0)
    end
    return values[name]
  end))
end

--- The words of a command line. Quotes, single or double, keep blanks together.
function command.words(line)
  local words, word, quote = {}, nil, nil
  for letter in line:gmatch "." do
    if quote then
      if letter == quote then quote = nil else word = word .. letter end
    elseif letter == "'" or letter == '"' then
      quote, word = letter, word or ""
    elseif letter:find "%s" then
      if word then words[#words + 1] = word end
      word = nil
    else
      word = (word or "") .. letter
    end
  end
  if quote then error(("'%s': a quote %s is not closed"):format(line, quote), 0) end
  if word then words[#words + 1] = word end
  return words
end

--- Runs a command line whose words may have placeholders, with `input` on its standard input, and returns what it
--- prints. A value is never split into words.
function command.run(line, values, input)
  local words = command.words(line)
  for n, word in ipairs(words) do words[n] = command.filled(word, values) end
  return kit.run_program { command = words, input = input or "" }
end

return command
