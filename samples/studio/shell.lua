--- Runs other programs.

local shell = {}

--- One word of a shell command, whatever is in it.
local function quoted(word) return "'" .. tostring(word):gsub("'", [['\'']]) .. "'" end

--- Runs a program with its arguments; returns whether it succeeded, and how it ended: "exit" or "signal", and the
--- number. The
--- program is told to end (SIGTERM) if this one dies: one that went on alone would write where the next attempt does.
function shell.run(...)
  local words = { ... }
  for n, word in ipairs(words) do words[n] = quoted(word) end
  local ok, how, number = os.execute("exec setpriv --pdeathsig TERM -- " .. table.concat(words, " "))
  return ok == true, how, number
end

--- What a shell command prints, without the last line break.
function shell.output(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("\n$", ""))
end

return shell
