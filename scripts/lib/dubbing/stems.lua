--- The background of a film, without its speech.
local kit = require "kit"
local hash = require "dubbing.hash"

local stems = {}

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
  local known = io.open(path)
  if known then
    known:close()
  else
    local stream = separator:stream(48000)
    local writer <close> = kit.media.sound_writer { path = path }
    local position = 0
    while position < film.duration do
      local seconds = math.min(20, film.duration - position)
      local count = math.floor((position + seconds) * 48000) - math.floor(position * 48000)
      if count > 0 then writer:write(stream:separate(film:audio(language, position, count / 48000))) end
      position = position + seconds
    end
    writer:write(stream:finish())
    writer:close()
  end
  local file = kit.media.open { path = path }
  return function(start, seconds) return file:audio(nil, start, seconds) end, "separated"
end

return stems
