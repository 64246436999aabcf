--- Adds a synthetic dub to each film with speech, as a tagged track; the video and all other tracks are copied
--- unchanged.
---
---     dubkit run scripts/dub/dub.lua data=FOLDER language=es
---     dubkit run scripts/dub/dub.lua data=film.mkv language=en engine=flite out=dubbed
---
--- What is said, and when, comes from subtitles in that language (a text track of the film, or film.es.srt, .vtt or
--- .ass next to it), from a transcript, or from a command that recognises speech. A voice speaks each line; its tempo,
--- pitch, spectrum and loudness are fitted to the original's. `dubs/FILM.es/manifest.json` and page.html say what was
--- made, line by line. Films that have the track already are skipped, and lines that were spoken before are not spoken
--- again, so the same command resumes after an interruption. Guide: docs/guide/dubbing.md.
local kit = require "kit"
local dub = require "dubbing.film"
local files = require "files"
local separators = require "separators"
local voices = require "dubbing.voices"

local cfg = kit.recipe {
  data = { "samples/movies", "folder of films, or one film", from = "ours" },
  language = { "es", "language of the dub, and of the subtitles that are spoken", from = "ours" },
  source_language = { "", "the track that is dubbed; empty if films have only one", from = "ours" },
  out = { "", "folder for the new films; empty replaces each film", from = "ours" },
  container = { "", "container of the new films, such as mkv; empty keeps each film's own", from = "ours" },
  codec = { "", "codec of the new track; empty is the container's own", from = "ours" },
  overwrite = { false, "recreate tracks that already exist", from = "ours" },
  work = { "dubs", "folder for spoken lines, backgrounds and manifests", from = "ours" },
  transcript = {
    "", "file of lines: start, end, text with tabs between; {folder} and {name} of the film", from = "ours",
  },
  recognise = { "", "command that prints such lines for {audio}", from = "ours" },
  translate = { "", "command that translates its input from {from} to {to}", from = "ours" },
  lines_language = { "", "language of subtitles or transcript, if they must be translated", from = "ours" },
  engine = { "espeak-ng", "espeak-ng, flite, festival, or a command with {out}", from = "ours" },
  voice = { "", "the engine's name of a voice; empty chooses one", from = "ours" },
  separator = { "center", "center, mask_unet=weights or open_unmix=weights", from = "ours" },
  background = {
    "zxx", "language of a track or file without speech that is used instead; empty for none", from = "ours",
  },
  outside = {
    "original", "what is heard between the lines", from = "ours", choices = { "original", "background" },
  },
  slowest = { 0.5, "least ratio of tempo", from = "authors_code", range = { 0.05, 1 } },
  fastest = { 2.0, "greatest ratio of tempo", from = "authors_code", range = { 1, 10 } },
  pitch = { true, "fit the median pitch", from = "ours" },
  spectrum = { true, "fit the spectrum", from = "ours" },
  raise = {
    true, "raise sound of more than two channels, which is mixed to stereo, to the loudness that it had", from = "ours",
  },
  page = {
    12, "lines shown on the page of a film, besides those that did not fit; 0 makes no page", from = "ours",
    range = { 0, 1000 },
  },
  ceiling = { -1.0, "highest true peak of the mix, in dBTP", from = "ours", range = { -60, 0 } },
}

if cfg.language == "" then error("'language' must be a language, such as es, but is empty", 0) end
if cfg.container ~= "" and cfg.out == "" then error("'container' needs 'out'", 0) end

local settings = {}
for key, value in pairs(cfg) do settings[key] = value end
for _, key in ipairs { "language", "source_language", "lines_language" } do
  if cfg[key] ~= "" then settings[key] = kit.media.language { tag = cfg[key] } end
end
local steps = { speaker = voices.speaker(cfg.engine, cfg.voice, settings.language) }
for name, step in pairs(dub.steps) do steps[name] = step end
settings.separator, settings.separator_name = separators.named(cfg.separator), cfg.separator
settings.title = ("synthetic dub (%s)"):format(cfg.engine:match "^%S+")

--- Whether a film has a track in the language of the dub.
local function has_track(path)
  for _, track in ipairs(kit.media.open({ path = path }).tracks) do
    if track.language == settings.language then return true end
  end
  return false
end

--- The most lines of a film that are named in warnings; the manifest has them all.
local named = 10

--- Prints a warning for each line.
local function warn(name, list, complaint)
  for n = 1, math.min(named, #list) do
    print(("%s: warning: line %d at %.1f s %s"):format(name, list[n].number, list[n].start, complaint(list[n])))
  end
  if #list > named then print(("%s: warning: the same of %d more lines"):format(name, #list - named)) end
end

local films = kit.media.list_films { path = cfg.data }
local made, done, left_out = {}, 0, {}
for _, film in ipairs(films) do
  local target = film.path
  if cfg.out ~= "" then
    local name = cfg.container ~= "" and film.name:gsub("%.[^./]*$", "") .. "." .. cfg.container or film.name
    target = cfg.out .. "/" .. name
  end
  if files.exists(target) and not cfg.overwrite and has_track(target) then
    done = done + 1
  else
    settings.name = film.name
    local ok, manifest, failed, long = pcall(
      dub.film, film.path, target, ("%s/%s.%s"):format(cfg.work, film.name, settings.language), settings, steps)
    if ok then
      made[#made + 1] = manifest
      local count = #manifest.segments
      print(("%s: %d line%s%s, %s"):format(
        film.name, count, count == 1 and "" or "s", kit.is_dry_run {} and " to speak" or "", manifest.lines))
      if manifest.raised then
        print(("%s: mixed to stereo and raised by %.1f dB, to the loudness of its channels"):format(
          film.name, manifest.raised))
      end
      if manifest.unspoken > 0 then
        print(("%s: entries without speech, or after the film's end: %d"):format(film.name, manifest.unspoken))
      end
      if manifest.with_speech * 2 < count then
        print(("%s: warning: nobody speaks at %d of %d lines: the lines may not fit the film"):format(
          film.name, count - manifest.with_speech, count))
      end
      warn(film.name, long, function(line)
        local what = line.tempo >= cfg.fastest and ("even at %g times the tempo"):format(cfg.fastest) or "for the film"
        return ("is %.1f s too long %s: %q"):format(line.too_long, what, line.text)
      end)
      warn(film.name, failed, function(line) return "is left as it was: " .. line.failure end)
    else
      left_out[#left_out + 1] = film.name
      print(("%s: left out: %s"):format(film.name, dub.plain(manifest)))
    end
  end
end
local verb = kit.is_dry_run {} and "to dub" or "dubbed"
print(("%d film%s %s, %d had the track, %d left out"):format(#made, #made == 1 and "" or "s", verb, done, #left_out))
if #left_out > 0 and #made + done == 0 then error("no film was dubbed", 0) end
return made
