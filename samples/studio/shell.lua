--- Runs other programs.

local shell = {}

--- Quotes any text as one word of a shell command.
local function quoted(word) return "'" .. tostring(word):gsub("'", [['\'']]) .. "'" end

shell.quoted = quoted

--- Runs a program with its arguments; returns whether it succeeded, and how it ended: "exit" or "signal", and the
--- number. The
--- program gets SIGTERM if this one dies; otherwise it would continue and write to the same files as the next attempt.
function shell.run(...)
  local words = { ... }
  for n, word in ipairs(words) do words[n] = quoted(word) end
  local ok, how, number = os.execute("exec setpriv --pdeathsig TERM -- " .. table.concat(words, " "))
  return ok == true, how, number
end

--- The output of a shell command, without the last line break.
function shell.output(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("\n$", ""))
end

return shell
