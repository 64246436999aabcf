--- Writes a manual page for each subcommand, from the argument parser's description of it:
---
---     dubkit --experimental-dump-help > help.json
---     dubkit run scripts/dev/man_pages.lua --set help=help.json --set out=.build/share/man/man1
local kit = require "kit"

local cfg = kit.recipe { help = "help.json", out = ".build/share/man/man1", seed = 0 }

--- Text escaped for roff.
local function roff(text)
  return (("\n" .. text):gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1"):sub(2):gsub("\n", "\n.br\n"))
end

--- "-v, --verbose" or "--set <set>".
local function label(argument)
  if argument.kind == "positional" then return "<" .. argument.valueName .. ">" end
  local names = {}
  for i, name in ipairs(argument.names) do names[i] = (name.kind == "long" and "--" or "-") .. name.name end
  table.sort(names, function(a, b) return #a < #b end)
  return table.concat(names, ", ") .. (argument.kind == "option" and " <" .. argument.valueName .. ">" or "")
end

--- An argument in the synopsis: "[--set <set>] ...".
local function usage(argument)
  local text = label(argument):gsub("^%-%a, ", "")
  return (argument.isOptional and "[" .. text .. "]" or text) .. (argument.isRepeating and " ..." or "")
end

local function arguments_of(command)
  local shown = {}
  for _, argument in ipairs(command.arguments or {}) do
    if argument.shouldDisplay then shown[#shown + 1] = argument end
  end
  return shown
end

--- Each name once: the parser adds its own `help` after ours.
local function subcommands_of(command)
  local shown, names = {}, {}
  for _, subcommand in ipairs(command.subcommands or {}) do
    if subcommand.shouldDisplay and not names[subcommand.commandName] then shown[#shown + 1] = subcommand end
    names[subcommand.commandName] = true
  end
  return shown
end

local function page(command, path)
  local name = table.concat(path, "-")
  local lines = {}
  local function add(line, ...) lines[#lines + 1] = line:format(...) end
  add('.TH "%s" 1 "" "dubkit" "User commands"', name:upper())
  add(".SH NAME\n%s \\- %s", roff(name), roff((command.abstract:gsub("%.$", ""))))
  local words = {}
  for _, argument in ipairs(arguments_of(command)) do words[#words + 1] = usage(argument) end
  if #subcommands_of(command) > 0 then words[#words + 1] = "<subcommand>" end
  add(".SH SYNOPSIS\n.B %s\n%s", roff(table.concat(path, " ")), roff(table.concat(words, " ")))
  if command.discussion then add(".SH DESCRIPTION\n%s", roff(command.discussion)) end
  add ".SH OPTIONS"
  for _, argument in ipairs(arguments_of(command)) do
    add(".TP\n.B %s\n%s", roff(label(argument)), roff(argument.abstract or ""))
    if argument.allValues then add("One of %s.", roff(table.concat(argument.allValues, ", "))) end
    if argument.defaultValue then add("Default: %s.", roff(argument.defaultValue)) end
  end
  if #subcommands_of(command) > 0 then
    add ".SH SUBCOMMANDS"
    for _, subcommand in ipairs(subcommands_of(command)) do
      add(".TP\n.BR %s (1)\n%s", roff(name .. "-" .. subcommand.commandName), roff(subcommand.abstract))
    end
  end
  if #path > 1 then add(".SH SEE ALSO\n.BR %s (1)", roff(table.concat(path, "-", 1, #path - 1))) end
  kit.write_text { path = ("%s/%s.1"):format(cfg.out, name), text = table.concat(lines, "\n") .. "\n" }
  for _, subcommand in ipairs(subcommands_of(command)) do
    local below = { table.unpack(path) }
    below[#below + 1] = subcommand.commandName
    page(subcommand, below)
  end
end

page(kit.read_json { path = cfg.help }.command, { "dubkit" })
