--- What is said in a film, and when: a list of { start, stop, text }, in seconds.
local kit = require "kit"
local command = require "dubbing.command"

local lines = {}

--- Seconds before the film's end at which a line begins at the latest.
local last_start = 0.1

--- The spoken part of a subtitle: without descriptions of sounds, names of speakers, dashes and notes of music. Empty
--- if nothing is said.
function lines.spoken(text)
  local kept = {}
  for line in text:gmatch "[^\n]+" do
    line = line:gsub("%b[]", " "):gsub("%b()", " "):gsub("（.-）", " "):gsub("【.-】", " ")
    line = line:gsub("♫", "♪"):gsub("♪.-♪", " "):gsub("♪.*", " "):gsub("^%s*[-–—]+%s*", "")
    -- Capital letters of Latin languages are one byte, or begin with the byte 195.
    line = line:gsub("^%s*[%u\195][%u%d .'\128-\158\195-]+:%s+", ""):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
    if line:find "[%w\128-\255]" then kept[#kept + 1] = line end
  end
  return table.concat(kept, " ")
end

--- Lines of tab-separated text: start and end in seconds, and what is said, as Audacity writes its labels. `name`
--- stands in messages.
function lines.parse(text, name)
  local list, number = {}, 0
  for line in (text:gsub("^\239\187\191", ""):gsub("\r\n?", "\n") .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    if line:find "%S" and not line:find "^#" then
      local first, last, said = line:match "^%s*([^\t]+)\t([^\t]+)\t(.*)$"
      local start, stop = tonumber(first), tonumber(last)
      if not (start and stop and start >= 0 and stop > start and stop < math.huge) then
        error(
          ("%s: line %d: expected start, end and text with tabs between them, times in seconds and the end after the "
            .. "start, but it is '%s'"):format(name, number, line:sub(1, 80)), 0)
      end
      list[#list + 1] = { start = start, stop = stop, text = said }
    end
  end
  if #list == 0 then error(name .. ": has no lines", 0) end
  return list
end

local function read(path)
  local file <close> = io.open(path)
  if not file then error(path .. ": cannot be read", 0) end
  return file:read "a"
end

--- The lines of a film in the target language, a word for where they come from, and the number of entries that are not
--- spoken: because nothing is said in them, or because they begin after the film's end. A dry run runs no commands.
---
---   film        from kit.media.open
---   settings    language, transcript, recognise, translate, lines_language
---   original    the language of the track that is dubbed
---   sound       writes the speech to a file and returns its path, for `recognise`
function lines.of(film, settings, original, sound)
  local list, source
  local spoken_language = settings.lines_language ~= "" and settings.lines_language or settings.language
  if settings.transcript ~= "" then
    local path = command.filled(settings.transcript, {
      film = film.path, name = film.path:match "([^/]+)%.[^./]*$" or film.path,
      folder = film.path:match "^(.*)/" or ".",
    })
    list, source = lines.parse(read(path), path), path
  elseif settings.recognise ~= "" then
    if settings.lines_language == "" then spoken_language = original end
    if kit.is_dry_run {} then return {}, "speech that is not recognised yet", 0 end
    local answer = command.run(settings.recognise, { audio = sound(), lang = spoken_language })
    list, source = lines.parse(answer, "the answer of " .. settings.recognise), "recognised"
  else
    list, source = film:subtitles(spoken_language), "subtitles in " .. spoken_language
  end
  local kept = {}
  for _, line in ipairs(list) do
    local text = lines.spoken(line.text)
    if text ~= "" and line.start <= film.duration - last_start then
      kept[#kept + 1] = { start = line.start, stop = math.min(line.stop, film.duration), text = text }
    end
  end
  if #kept == 0 then error(("%s: nothing is said in its %s"):format(film.path, source), 0) end
  table.sort(kept, function(a, b) return a.start < b.start end)
  if spoken_language ~= settings.language then
    if settings.translate == "" then
      error(
        ("the lines are in '%s', not in '%s': give translate = a command that translates its standard input"):format(
          spoken_language, settings.language), 0)
    end
    for _, line in ipairs(kit.is_dry_run {} and {} or kept) do
      line.original = line.text
      local said = command.run(settings.translate, { from = spoken_language, to = settings.language }, line.text)
      line.text = said:gsub("%s+", " "):gsub(" $", "")
    end
  end
  return kept, source, #list - #kept
end

return lines
