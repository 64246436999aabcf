--- The dub of one film, step by step.
local kit = require "kit"
local fitting = require "dubbing.fitting"
local keys = require "keys"
local lines = require "dubbing.lines"
local page = require "dubbing.page"
local stems = require "dubbing.stems"

local dub = {}

local rate = fitting.rate
--- Seconds by which the original's speech may overlap the times of its line.
local margin = 0.2
--- Seconds of the original that are measured at a line, at least.
local shortest = 0.1
--- Seconds in which the background replaces the film's own sound.
local ramp = 0.05
--- Characters that a line has at most.
local longest = 2000

local function samples(seconds) return math.floor(seconds * rate + 0.5) end

--- Exactly `count` samples: cut, or with silence after it.
local function fitted(sound, count)
  local own = sound:shape()[1]
  if own >= count then return sound:slice(1, 1, count) end
  return kit.tensor.concat { sound, kit.tensor.zeros { count - own, sound:shape()[2] } }
end

--- Keeps the sound of a line in a file of each stage: those of a long film would not fit into memory, and another
--- process may be at the same film.
local function keep(line, folder, stage, sound)
  line.fitted = ("%s/lines/%04d-%s.wav"):format(folder, line.number, stage)
  line.samples = sound:shape()[1]
  kit.media.write_audio { path = line.fitted, samples = sound }
end

--- The sound of a line, [samples, 2].
local function sound_of(line) return kit.media.read_audio { path = line.fitted } end

--- A function (start, seconds) that reads sound, with silence after the end of the film.
local function bounded(read, duration)
  return function(start, seconds)
    local count = samples(seconds)
    if start >= duration then return kit.tensor.zeros { count, 2 } end
    return fitted(read(start, math.min(seconds, duration - start)), count)
  end
end

--- The language of the track to dub; nil if there is only one track.
local function source_of(film, settings)
  if settings.source_language ~= "" then return settings.source_language end
  local found, names = {}, {}
  for _, track in ipairs(film.tracks) do
    local is_made = track.title and track.title:find("synthetic dub", 1, true) == 1
    if not is_made and track.language ~= settings.language and track.language ~= settings.background then
      found[#found + 1] = track.language
    end
    names[#names + 1] = track.language
  end
  if #names == 0 then error(film.path .. ": has no sound", 0) end
  if #found == 1 then return #names > 1 and found[1] or nil end
  local list = table.concat(names, ", ")
  error(("%s: which sound track is dubbed? Give source_language; it has %s"):format(film.path, list), 0)
end

--- What went wrong, without the place in these scripts.
function dub.plain(reason) return (tostring(reason):gsub("^%S+%.lua:%d+: ", "")) end

--- The median of numbers; nil if there are none.
local function median(values)
  if #values == 0 then return nil end
  table.sort(values)
  return values[(#values + 1) // 2]
end

--- What is known about the original at each line: its loudness, pitch and spectrum, and how it stands between left and
--- right. A line at which nobody speaks is marked.
local function study(list, original, background)
  local loudest, pitches = -math.huge, {}
  for _, line in ipairs(list) do
    local seconds = math.max(shortest, line.stop - line.start)
    local speech = original(line.start, seconds) - background(line.start, seconds)
    line.loudness = kit.media.loudness({ samples = speech }).integrated
    line.original_pitch = kit.media.median_pitch { samples = speech }
    line.powers = kit.media.band_powers({ samples = speech }).powers
    local left = (speech:slice(2, 1, 1) ^ 2):sum():item()
    local right = (speech:slice(2, 2, 2) ^ 2):sum():item()
    line.balance = left + right > 0 and left / (left + right) or 0.5
    loudest = math.max(loudest, line.loudness or loudest)
    if line.original_pitch then pitches[#pitches + 1] = line.original_pitch end
  end
  local levels, spoken = {}, 0
  for _, line in ipairs(list) do
    line.has_speech = line.loudness ~= nil and line.loudness > loudest - 25 and line.original_pitch ~= nil
    if line.has_speech then
      spoken = spoken + 1
      levels[#levels + 1] = line.loudness
    end
  end
  return median(levels), median(pitches), spoken
end

--- Speaks the lines and fits them in time and pitch. A line that fails is marked, and costs only itself.
local function speak(list, settings, speaker, folder, duration, loudness, pitch)
  local progress = kit.progress { verb = settings.name .. ": spoke", noun = "lines", total = #list }
  kit.make_folder { path = folder .. "/lines" }
  for number, line in ipairs(list) do
    line.number = number
    local ok, reason = pcall(function()
      local wanted = pitch
      -- A larger difference from the film's median is not the voice, but a siren or a wrong octave.
      if line.has_speech and math.abs(math.log(line.original_pitch / pitch, 2)) < 0.5 then
        wanted = line.original_pitch
      end
      local length = utf8.len(line.text)
      if not length then error("its text is not UTF-8", 0) end
      if length > longest then error(("its text has %d characters, of at most %d"):format(length, longest), 0) end
      local path, voice = speaker(line.text, pitch, folder .. "/segments")
      line.voice, line.file = voice, path:match "[^/]+$"
      local sound = kit.media.read_audio({ path = path }):slice(2, 1, 1)
      local fitted_sound, facts = fitting.timed(
        sound, line.stop - line.start, settings.pitch and wanted or nil, { settings.slowest, settings.fastest })
      keep(line, folder, "fitted", fitted_sound)
      for key, value in pairs(facts) do line[key] = value end
      local beyond = line.start + line.seconds - duration
      if beyond > 0.05 then line.too_long = math.max(line.too_long or 0, beyond) end
      line.wanted_pitch = settings.pitch and wanted or nil
      line.wanted_loudness = line.has_speech and line.loudness or loudness
    end)
    if not ok then line.failure = dub.plain(reason) end
    progress:advance()
  end
end

--- Fits spectrum and loudness, places the lines between left and right and limits the peaks of the mix.
local function level(list, settings, folder, background)
  local filter
  if settings.spectrum then
    local from, to, centres = {}, {}, nil
    for _, line in ipairs(list) do
      if line.fitted and line.has_speech then
        local bands = kit.media.band_powers { samples = sound_of(line) }
        centres = bands.centres
        for n, power in ipairs(bands.powers) do
          from[n], to[n] = (from[n] or 0) + power, (to[n] or 0) + line.powers[n]
        end
      end
    end
    filter = centres and fitting.equaliser(centres, from, to)
  end
  for _, line in ipairs(list) do
    if line.fitted then
      local mono = fitting.equalised(sound_of(line):slice(2, 1, 1), filter)
      local share = kit.tensor.from { math.sqrt(2 * line.balance), math.sqrt(2 * (1 - line.balance)) }
      local sound = mono * share
      if line.wanted_loudness then sound, line.gain = fitting.levelled(sound, line.wanted_loudness) end
      local limited
      sound, limited, line.true_peak = fitting.limited(
        sound, background(line.start, line.seconds), settings.ceiling)
      if limited < 0 then line.limited = limited end
      line.dub_loudness = kit.media.loudness({ samples = sound }).integrated
      keep(line, folder, "levelled", sound)
    end
  end
  return filter
end

--- The finished track, as a function (first, count) of samples counted from 1. Where no line is heard it is the film's
--- own sound, or the background if `settings.outside` is "background".
local function mixed(list, settings, original, background)
  return function(first, count)
    local start = (first - 1) / rate
    local stop = start + count / rate
    local time = kit.tensor.linspace { start = start, stop = stop - 1 / rate, count = count }:reshape { count, 1 }
    local own = original(start, count / rate)
    local share = settings.outside == "background" and kit.tensor.ones { count, 1 } or nil
    local heard = kit.tensor.zeros { count, 2 }
    for _, line in ipairs(list) do
      if line.fitted then
        local place, length = samples(line.start), line.samples
        local from, to = line.start - margin, math.max(line.stop, line.start + length / rate) + margin
        if settings.outside ~= "background" and from - ramp < stop and to + ramp > start then
          local rise = ((time - (from - ramp)) / ramp):clamp(0, 1) * (((to + ramp) - time) / ramp):clamp(0, 1)
          share = share and share:maximum(rise) or rise
        end
        -- The part of the line that is in this piece, with silence around it.
        local low, high = math.max(place, first - 1), math.min(place + length, first - 1 + count)
        if low < high then
          local parts = {}
          if low > first - 1 then parts[1] = kit.tensor.zeros { low - (first - 1), 2 } end
          parts[#parts + 1] = sound_of(line):slice(1, low - place + 1, high - place)
          heard = heard + fitted(kit.tensor.concat(parts), count)
        end
      end
    end
    if share then own = own + (background(start, count / rate) - own) * share end
    return own + heard
  end
end

--- A manifest entry.
local function entry(line)
  local facts = {}
  for key, value in pairs(line) do
    if key ~= "samples" and key ~= "powers" then facts[key] = value end
  end
  return facts
end

--- Dubs a film and returns what was made, as in the manifest.
---
---   path, target     the film, and the new one
---   folder           for segments, background and manifest
---   settings         the keys of scripts/dub/dub.lua
---   steps            functions: `speaker` of dubbing.voices, and those of `dub.steps`, each of which can be replaced
function dub.film(path, target, folder, settings, steps)
  local film = kit.media.open { path = path }
  local track = source_of(film, settings)
  local new_track = {
    film = path, path = target, language = settings.language, overwrite = settings.overwrite,
    codec = keys.given(settings.codec),
  }
  -- Before the work: what the container cannot keep would otherwise be found after it.
  local fits, reason = pcall(kit.media.check_track, new_track)
  if not fits then
    error(dub.plain(reason):gsub("^kit%.media%.check_track: ", "") .. " (keys: out, container, codec)", 0)
  end
  local raised = settings.raise and not kit.is_dry_run {} and film:mixing_loss(track) or nil
  --- Sound of the film, as loud as the track in its own channels.
  local function of_film(read)
    read = bounded(read, film.duration)
    return raised and fitting.raised(read, raised, settings.ceiling) or read
  end
  local original = of_film(function(start, seconds) return film:audio(track, start, seconds) end)
  local background, background_source
  local function separate()
    if background then return end
    local read, source = steps.background(
      film, track, settings.background, settings.separator, settings.separator_name, folder)
    background, background_source = of_film(read), source
  end
  local speech_file = folder .. "/speech.wav"
  local function speech()
    separate()
    stems.write(speech_file, film.duration, function(start, seconds)
      return original(start, seconds) - background(start, seconds)
    end)
    return speech_file
  end
  local list, source, unspoken = steps.lines(film, settings, track or film.tracks[1].language, speech)
  os.remove(speech_file)
  if kit.is_dry_run {} then
    return { film = path, lines = source, segments = list, with_speech = #list, unspoken = unspoken }, {}, {}
  end
  separate()
  local loudness, pitch, spoken = steps.study(list, original, background)
  steps.speak(list, settings, steps.speaker, folder, film.duration, loudness, pitch)
  local failed, long = {}, {}
  for _, line in ipairs(list) do
    if line.failure then failed[#failed + 1] = line end
    if line.too_long then long[#long + 1] = line end
  end
  if #failed == #list then error(list[1].failure, 0) end
  local equaliser = steps.level(list, settings, folder, background)
  local sound = steps.mix(list, settings, original, background)
  local manifest = {
    name = settings.name, film = path, target = target, language = settings.language, engine = settings.engine,
    lines = source, background = background_source, equaliser = equaliser, unspoken = unspoken,
    with_speech = spoken, seconds = film.duration, raised = raised, segments = {},
  }
  for n, line in ipairs(list) do manifest.segments[n] = entry(line) end
  kit.write_json { path = folder .. "/manifest.json", value = manifest }
  if settings.page > 0 then
    local function heard(start, seconds) return sound(samples(start) + 1, samples(seconds)) end
    page.write(folder, manifest, list, settings.page, original, heard)
  end
  new_track.title, new_track.sound = settings.title, sound
  kit.media.add_track(new_track)
  film:close()
  return manifest, failed, long
end

--- The steps as they are by default.
dub.steps = {
  lines = lines.of, background = stems.background, study = study, speak = speak, level = level, mix = mixed,
}

return dub
