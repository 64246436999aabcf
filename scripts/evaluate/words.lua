--- Does training cost words? Reads words, letters or phones off the frozen frames of a sound encoder by a small head
--- with CTC, and measures how many are wrong in films or recordings that the head was not trained on.
---
---     dubkit run scripts/evaluate/words.lua --set run=runs/simclr_dub --set data=world/probe
---     dubkit run scripts/evaluate/words.lua --set run=runs/simclr_dub --set data=speech --set unit=phones
---
--- `data` is a world of samples/make_world.lua, a manifest or tar files whose label `label` is the text, a folder with
--- a text file next to each sound, or one in the layout of Kaldi or LibriSpeech (`label=text`). Run it with
--- `random=true` and `encoder=mean_log_mel` too: they show what the head alone can do.
local root = debug.getinfo(1, "S").source:match "^@(.*)scripts/evaluate/[^/]*$"
if not root then error("run this by its path in the checkout, such as scripts/evaluate/words.lua", 0) end
package.path = package.path .. ";" .. root .. "samples/?.lua" -- For espeak-ng.
local kit = require "kit"
local keys = require "keys"
local reading = require "reading"
local given = keys.given

local cfg = kit.recipe {
  run = {
    "runs/simclr_dub", "the folder of a run or of runs, or a file of dubkit weights convert", from = "ours",
  },
  data = { "world/probe", "sounds or films with transcripts: a folder, manifest or tar files", from = "ours" },
  label = { "speech", "the manifest's label with the text", from = "ours" },
  language = { "en", "language of the text and of the track, if there are several; empty takes the only one",
    from = "ours" },
  group = { "", "label such as speaker, each of whose values is trained on or tested; empty takes the films",
    from = "ours" },
  unit = {
    "words", "words, letters or phones (by espeak-ng)", from = "ours", choices = { "words", "letters", "phones" },
  },
  voice = { "en-us", "espeak-ng's voice for phones", from = "ours" },
  keywords = { {}, "the only words to read; none reads all", from = "ours" },
  layer = { "", "module of the encoder whose frames are read; empty takes its last map", from = "ours" },
  head = { "lstm", "lstm, or linear, which reads each frame alone", from = "ours", choices = { "lstm", "linear" } },
  hidden = { 128, "width of each direction of the LSTM", from = "ours" },
  expand = { 0, "outputs for each frame; 0 takes as few as fit all transcripts", from = "ours" },
  epochs = { 60, "passes over the training items, at most", from = "ours" },
  patience = { 10, "epochs without gain on validation items after which training ends", from = "ours" },
  held_out = {
    0.25, "share of the films to test, if the manifest states no split", from = "ours", range = { 0.001, 0.999 },
  },
  encoder = { "", "sound encoder instead of the run's: mean_log_mel reads the spectrogram itself", from = "ours" },
  random = { false, "use fresh weights: the baseline for trained ones", from = "ours" },
  variant = { "", "row of the report's table; empty uses the name of the run or of what replaces it", from = "ours" },
  results = {
    "", "file to add the result to; empty uses the run's own, or results.jsonl next to files of weights", from = "ours",
  },
  precision = keys.precision "the encoder",
  seed = { 7, "decides all randomness", from = "ours" },
}

local keywords
for _, word in ipairs(cfg.keywords) do
  keywords = keywords or {}
  keywords[word:lower()] = true
end
if keywords and cfg.unit == "phones" then
  error("key 'keywords' is for words and letters: phones are of all words", 0)
end

local run = kit.trained { path = cfg.run, random = cfg.random }
local report = reading.read {
  data = cfg.data,
  transcripts = kit.dataset.transcripts {
    path = cfg.data, label = cfg.label, language = given(cfg.language), group = given(cfg.group),
  },
  run = run, encoders = given(cfg.encoder) and { audio = kit.encoder[cfg.encoder] {} } or nil,
  tracks = given(cfg.language) and { cfg.language } or nil, layer = given(cfg.layer),
  unit = cfg.unit, voice = cfg.voice,
  keywords = keywords, head = cfg.head, hidden = cfg.hidden, expand = cfg.expand, epochs = cfg.epochs,
  patience = cfg.patience, held_out = cfg.held_out, precision = cfg.precision, seed = cfg.seed,
}
print(report.text)

local metric = cfg.unit == "phones" and "phone_error_rate" or "word_error_rate"
local name = keywords and "keyword_error_rate" or cfg.unit == "letters" and "letter_error_rate" or metric
local result = report[metric]
local own = run.path:match "([^/]+)/[^/]+/?$" or run.path
local stand_in = given(cfg.encoder) or cfg.random and own .. ", fresh weights" or nil
kit.add_result {
  path = keys.results(cfg.results, run), metric = name, value = result.value, low = result.low, high = result.high,
  variant = given(cfg.variant) or stand_in or own, task = cfg.unit .. ", " .. cfg.head, family = "linguistic",
  lower_is_better = true, items = math.floor(report.items), seed = cfg.seed, baseline = stand_in ~= nil,
}
return report
