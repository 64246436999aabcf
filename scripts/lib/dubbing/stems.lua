--- The background of a film, without its speech.
local kit = require "kit"
local files = require "files"
local hash = require "dubbing.hash"

local stems = {}

local rate = 48000
--- Samples that are read at once, so that a film of any length takes the same memory.
local piece = 20 * rate

--- Writes a sound file of a film's length piece by piece: what `read` (start, seconds) returns, then what `rest` does.
function stems.write(path, duration, read, rest)
  local writer <close> = kit.media.sound_writer { path = path }
  local total = math.floor(duration * rate)
  for first = 0, total - 1, piece do writer:write(read(first / rate, math.min(piece, total - first) / rate)) end
  if rest then writer:write(rest()) end
  writer:close()
end

local function has(film, language)
  for _, known in ipairs(film.languages) do
    if known == language then return true end
  end
  return false
end

--- A function (start, seconds) that returns the background, [samples, 2] at 48 kHz, and a word for where it comes from:
--- the film's track `tag` or a sound file next to it with that language, else what the separator leaves of its track
--- `language`, kept in `folder` as a file. `name` says which separator it is, with its weights.
function stems.background(film, language, tag, separator, name, folder)
  if tag ~= "" and has(film, tag) then
    return function(start, seconds) return film:audio(tag, start, seconds) end, "track " .. tag
  end
  local path = ("%s/background-%s.flac"):format(folder, hash(name, language or "", ("%.6f"):format(film.duration)))
  if not files.exists(path) then
    local stream = separator:stream(rate)
    stems.write(path, film.duration, function(start, seconds)
      return stream:separate(film:audio(language, start, seconds))
    end, function() return stream:finish() end)
  end
  local file = kit.media.open { path = path }
  return function(start, seconds) return file:audio(nil, start, seconds) end, "separated"
end

return stems
