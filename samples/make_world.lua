--- Makes a world with known truth: many short films whose factors (scene, sound event, speaker, manner of speech,
--- spoken keyword, language) are independent of one another, with a manifest that states the truth about each.
--
--   dubkit run samples/make_world.lua --set out=world/films --set films=160 --set seconds=24
--   dubkit run samples/make_world.lua --set use=tasks --set out=world/probe --set films=800 --set seconds=3
--   dubkit run samples/make_world.lua --set use=swaps --set out=world/swaps --set films=120 --set seconds=3
--
-- The same command continues a set that was stopped, and ends with the same films. docs/guide/world.md describes it.
-- Give each set its own seed, so that no film is in two of them.

local kit = require "kit"
local check = require "studio.check"
local domains = require "studio.domains"
local doses = require "studio.doses"
local dubbing = require "studio.dubbing"
local film = require "studio.film"
local json = require "studio.json"
local kept = require "studio.kept"
local labels = require "studio.labels"
local plan = require "studio.plan"
local recording = require "studio.recording"
local signs = require "studio.signs"
local soundtrack = require "studio.soundtrack"
local speakers = require "studio.speakers"
local speech = require "studio.speech"
local swaps = require "studio.swaps"
local tasks = require "studio.tasks"

local cfg = kit.recipe {
  out = { "world/films", "the folder to write to", from = "ours" },
  use = { "training", "training, tasks (one thing of each kind a film; HEAR folders) or swaps (counterfactual tracks)",
    from = "ours" },
  films = { 160, "how many films", from = "ours" },
  seconds = { 24.0, "length of a film", from = "ours" },
  height = { 96, "height of a frame, which is 16 to 9; an even number", from = "ours" },
  frame_rate = { 8.0, "frames per second", from = "ours" },
  domain = { "film", "film, vlog or ink: how things look and sound", from = "ours" },
  speech = { 0.65, "share of the time in which somebody speaks", from = "ours" },
  dub_offset = { 0.0, "seconds by which dubs begin late", from = "ours" },
  dub_drift = { 0.0, "share by which dubs run slow: 0.001 is 1 ms a second", from = "ours" },
  variety = { 0.0, "octaves by which events of one kind differ in pitch, at most, up or down", from = "ours" },
  level = { 0.0, "dB by which recordings are louder or softer, at most", from = "ours" },
  tone = { 0.0, "0 to 0.9: how strongly rooms and microphones colour the sound, at most", from = "ours" },
  hiss = { 0.0, "dB below full scale of the loudest hiss; 0 for none", from = "ours" },
  reverb = { 0.0, "longest time in which a room's sound decays by 60 dB, 0.1 to 10 s; 0 for no rooms", from = "ours" },
  rooms = { "", "folder of impulse responses, which take the place of made rooms; empty for none", from = "ours" },
  next_door = { 0.0, "dB by which another film's background, heard too, is softer; 0 for none", from = "ours" },
  languages = { { "eng", "spa", "fra", "jpn" }, "languages of the original and the dubs, in this order",
    from = "ours" },
  voices = { "espeak-ng", "espeak-ng, or recorded: flite's and festival's voices of eng, ita and fin", from = "ours",
    choices = { "espeak-ng", "recorded" } },
  lips = { 1.0, "0 to 1: how much the mouth follows the original's speech", from = "ours" },
  face = { 1.0, "0 to 1: share of films in which the figure is the voice's own", from = "ours" },
  topic = { 0.0, "0 to 1: share of lines that show the sign of their keyword; 0 shows no signs", from = "ours" },
  nearness = { 1.0, "1 to 1.4: how large the speaker is", from = "ours" },
  codec = { "", "codec of the sound: empty for opus; flac or pcm16, which are larger and faster to read", from = "ours",
    choices = { "", "flac", "pcm16" } },
  speech_cache = { "", "folder for spoken sentences, which sets may share; empty for one in `out`", from = "ours" },
  seed = { 1, "other seeds give other films", from = "ours" },
}

local domain = domains[cfg.domain]
local is_training = cfg.use == "training"
check.films(cfg)
check.video(cfg)
check.key(cfg, "domain", domain, "film, vlog or ink")
check.key(cfg, "use", is_training or cfg.use == "tasks" or cfg.use == "swaps", "training, tasks or swaps")
check.key(cfg, "speech", cfg.speech >= 0 and cfg.speech < 1, "0 up to but not including 1")
check.key(cfg, "speech", cfg.speech > 0 or cfg.use ~= "swaps", "above 0 where speech is to be swapped")
check.key(cfg, "dub_offset", math.abs(cfg.dub_offset) < cfg.seconds, "less than the length of a film")
check.key(cfg, "dub_drift", math.abs(cfg.dub_drift) <= 0.1, "-0.1 to 0.1")
check.key(cfg, "variety", cfg.variety >= 0 and cfg.variety <= 3, "0 to 3")
check.key(cfg, "tone", cfg.tone >= 0 and cfg.tone <= 0.9, "0 to 0.9")
check.key(cfg, "reverb", cfg.reverb == 0 or cfg.reverb >= 0.1 and cfg.reverb <= 10, "0, or 0.1 to 10")
for _, key in ipairs { "lips", "face", "topic" } do check.key(cfg, key, cfg[key] >= 0 and cfg[key] <= 1, "0 to 1") end
check.key(cfg, "nearness", cfg.nearness >= 1 and cfg.nearness <= 1.4, "1 to 1.4")
for _, key in ipairs { "level", "hiss", "next_door" } do
  check.key(cfg, key, math.abs(cfg[key]) <= 200, "-200 to 200")
end

local languages, known, seen_languages = cfg.languages, {}, {}
for language in pairs(speakers[1].voices) do known[#known + 1] = language end
table.sort(known)
local expected = ("different ones of %s, the original first"):format(table.concat(known, ", "))
for _, language in ipairs(languages) do
  if not speakers[1].voices[language] or seen_languages[language] then
    error(("key 'languages' must be %s, but is %s"):format(expected, table.concat(languages, ",")), 0)
  end
  seen_languages[language] = true
end
check.key(cfg, "languages", #languages > 0, expected)
--- Pauses between sentences of 2 s on average, in terms of the usual ones of 1.05 s.
local pause = cfg.speech > 0 and 2.0 * (1 - cfg.speech) / cfg.speech / 1.05 or 1
local most = {
  level = cfg.level, tone = cfg.tone, hiss = cfg.hiss ~= 0 and -math.abs(cfg.hiss) or nil,
  reverb = cfg.reverb > 0 and cfg.reverb or nil, rooms = cfg.rooms ~= "" and cfg.rooms or nil,
}

--- A training film has as much variety as real films; the others have one value of each factor, so that it can be
--- a label.
local function planned(random, number)
  local options = { pause = pause, lines = cfg.speech == 0 and 0 or nil, variety = cfg.variety }
  if not is_training then
    options.kinds, options.lines, options.pause, options.margin = 1, cfg.speech == 0 and 0 or 1, 0.15, -math.huge
  end
  return plan.film(random, number, cfg.seconds, options)
end

--- The plan of the next film that has nothing in common with this one.
local function another(random, number, than)
  local other
  repeat
    number = number + 1
    other = planned(random, number)
  until swaps.differ(than, other)
  return other
end

--- All finished tracks of a film by language, and its lines.
local function sounds(random, number, this, stream)
  local spoken, voices = soundtrack.dialogue(this, languages)
  local background, tracks = film.background(this, stream), {}
  if cfg.next_door ~= 0 then
    local far = film.background(another(random, number, this), stream:derived "next door")
    background = background + far * 10 ^ (-math.abs(cfg.next_door) / 20)
  end
  for language, voice in pairs(voices) do tracks[language] = film.mixed(this, background, voice) end
  tracks[swaps.silent] = background
  if cfg.use == "swaps" then
    local other = another(random, number, this)
    local swapped = swaps.tracks(this, stream, background, voices[languages[1]], other, languages[1])
    for code, track in pairs(swapped) do tracks[code] = track end
  end
  local how = recording.draw(stream:derived "recording", most)
  for language, track in pairs(tracks) do
    local made = recording.of(domain.sound(track), how)
    local is_dub = language ~= languages[1] and voices[language] ~= nil
    tracks[language] = is_dub and dubbing.misplaced(made, cfg.dub_offset, cfg.dub_drift) or made
  end
  return soundtrack.fitted(tracks), spoken, voices
end

local video = {
  height = cfg.height, width = cfg.height * 8 // 9 * 2, frame_rate = cfg.frame_rate,
  codec = cfg.codec ~= "" and cfg.codec or nil,
}
local order = table.move(languages, 1, #languages, 1, {})
order[#order + 1] = swaps.silent
if cfg.use == "swaps" then table.move(swaps.codes, 1, #swaps.codes, #order + 1, order) end

kit.make_folder { path = cfg.out .. "/films" }
speech.kept_in = cfg.speech_cache ~= "" and cfg.speech_cache or cfg.out .. "/speech"
speech.recorded = cfg.voices == "recorded"
kit.make_folder { path = speech.kept_in }
local manifest = {}
local random = kit.random { seed = cfg.seed }
local families = cfg.use == "tasks" and tasks.open(cfg.out, cfg.seconds, cfg.speech > 0)
local whole = kept.open(cfg.out, cfg, { out = true, films = true, speech_cache = true })
local begin = os.time()

--- Makes a film and returns its line of the manifest.
local function make(number, name, path, this)
  local stream = random:derived("film", number)
  local tracks, spoken, voices = sounds(random, number, this, stream)
  local count = 0
  video.develop = function(frame)
    count = count + 1
    return domain.frame(frame, count)
  end
  local seen = {
    lips = function(mouth) return doses.lips(mouth, cfg.lips, stream:derived "lips") end,
    speaker = doses.face(this.speaker, speakers, cfg.face, stream:derived "face"),
    signs = doses.topic(spoken, cfg.topic, signs.count, signs.number_of, stream:derived "topic"),
    nearness = cfg.nearness,
  }
  local mouth = film.write(cfg.out .. "/" .. path, this, stream, tracks, order, voices[languages[1]], video, seen)
  local line = labels.of(path, languages[1], this, spoken)
  line.labels.domain = cfg.domain
  line.labels.seen = { speaker = seen.speaker.name, mouth = mouth, signs = seen.signs, frame_rate = cfg.frame_rate }
  if families then families:write(random, number, name, tracks, languages) end
  return json.encode(line)
end

for number = 0, cfg.films - 1 do
  local name = ("film-%04d"):format(number + 1)
  local path = ("films/%s.mkv"):format(name)
  local this = planned(random, number)
  local line = whole:line(name, cfg.out .. "/" .. path)
  if not line then
    line = make(number, name, path, this)
    whole:add(name, line)
  end
  if families then families:add(random, number, name, cfg.out .. "/" .. path, this, languages) end
  manifest[number + 1] = line .. "\n"
  if (number + 1) % 20 == 0 then print(("%d of %d films in %d s"):format(number + 1, cfg.films, os.time() - begin)) end
end
if families then families:close() end
-- Last: a folder that has it is complete.
kit.write_text { path = cfg.out .. "/manifest.jsonl", text = table.concat(manifest) }
whole:close()
