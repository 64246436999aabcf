--- Speech by other programs: functions that write what a line says to a file.
local kit = require "kit"
local files = require "files"
local command = require "dubbing.command"
local hash = require "dubbing.hash"

local voices = {}

--- Pitch in Hz from which a voice counts as a woman's.
local border = 165

--- Programs by name: the command, which reads the text from standard input; the voice for a language and the pitch of
--- the original, nil if unknown; and, where the program speaks with another voice instead of failing, the names of all
--- voices, or of all variants together with a function that finds the variant in a voice's name.
local programs = {
  ["espeak-ng"] = {
    line = "espeak-ng --stdin -v {voice} -w {out}",
    voice = function(language, pitch)
      return language .. (pitch and (pitch >= border and "+f2" or "+m3") or "")
    end,
    voices = function()
      local list = {}
      local answer = kit.run_program { command = { "espeak-ng", "--voices=variant" } }
      for name in answer:gmatch "!v/([^\n]-)%s*\n" do list[#list + 1] = name end
      return list
    end,
    variant = function(name)
      local variant = name:match "%+(.*)$"
      local number = variant and variant:match "^%d+$" and math.tointeger(tonumber(variant))
      if not number then return variant end
      -- es+3 is es+m3, es+13 is es+f3.
      return number > 10 and "f" .. number - 10 or "m" .. number
    end,
  },
  flite = {
    line = "flite -voice {voice} -o {out} -f /dev/stdin",
    voice = function(_, pitch) return pitch and pitch >= border and "slt" or "rms" end,
    voices = function()
      local list = {}
      local answer = kit.run_program { command = { "flite", "-lv" } }
      for name in answer:gsub("^.-:", ""):gmatch "%S+" do list[#list + 1] = name end
      return list
    end,
    -- It also takes a voice from a file or an address.
    is_elsewhere = function(name) return name:find("://", 1, true) or files.exists(name) end,
  },
  festival = {
    line = "text2wave -eval ({voice}) -o {out}",
    voice = function() return "voice_kal_diphone" end,
    voices = function()
      local list = {}
      local answer = kit.run_program { command = { "festival", "-b", "(print (voice.list))" } }
      for name in answer:gmatch "[^%s()]+" do list[#list + 1] = "voice_" .. name end
      return list
    end,
  },
}

--- Throws unless a program has a voice of that name.
local function check(engine, voice)
  local program = programs[engine]
  local name, kind = voice, "voice"
  if program.variant then
    name, kind = program.variant(voice), "variant"
  end
  if not name or program.is_elsewhere and program.is_elsewhere(name) then return end
  local list = program.voices()
  for _, known in ipairs(list) do
    if known == name then return end
  end
  local nearest = kit.nearest_name { name = name, names = list }
  error(
    ("engine '%s' has no %s '%s': it has %s%s"):format(
      engine, kind, name, #list > 0 and table.concat(list, ", ") or "none",
      nearest and (": did you mean '%s'?"):format(nearest) or ""), 0)
end

--- A speaker for films.
---
---   engine     "espeak-ng", "flite", "festival", or a command with {text} or the text on standard input, {lang},
---              {voice} and {out}, the .wav file that it writes
---   voice      the engine's name of a voice; empty chooses one by language and pitch
---   language   the language of the text
---
--- Returns a function (text, pitch, folder) that returns the path of the sound and the voice's name. A line that was
--- spoken before is not spoken again.
function voices.speaker(engine, voice, language)
  local program = programs[engine]
  local line = program and program.line or engine
  if not line:find "{out}" then
    local known = {}
    for name in pairs(programs) do known[#known + 1] = name end
    table.sort(known)
    error(
      ("engine '%s' must be one of %s, or a command with {out}, the .wav file that it writes"):format(
        engine, table.concat(known, ", ")), 0)
  end
  local name = command.words(line)[1]
  if not kit.find_program { name = name } then
    error(("engine '%s': the program '%s' was not found: install it, or correct PATH"):format(engine, name), 0)
  end
  if program and program.voices then
    if voice ~= "" then
      check(engine, voice)
    else
      for _, pitch in ipairs { border - 1, border } do check(engine, program.voice(language, pitch)) end
    end
  end
  return function(text, pitch, folder)
    local chosen = voice ~= "" and voice or program and program.voice(language, pitch) or ""
    local path = ("%s/%s.wav"):format(folder, hash(line, chosen, language, text))
    if files.exists(path) then return path, chosen end
    -- Some programs cut long names of files.
    local temporary = os.tmpname()
    local ok, reason = pcall(command.run, line, { text = text, lang = language, voice = chosen, out = temporary }, text)
    if ok then ok, reason = pcall(kit.copy_file, { from = temporary, to = path }) end
    os.remove(temporary)
    if not ok then error(reason, 0) end
    -- Do not keep a file without sound: the same command would never ask the voice again.
    local is_sound, sound = pcall(kit.media.read_audio, { path = path })
    if not is_sound or sound:abs():max():item() == 0 then
      os.remove(path)
      local fault = is_sound and "it is silent" or tostring(sound):gsub("^.*%.wav: ", "")
      error(("'%s' wrote no sound that can be used: %s"):format(line, fault), 0)
    end
    return path, chosen
  end
end

return voices
