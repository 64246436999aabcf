--- Reads words, letters or phones off frozen frames of a sound encoder: shared by scripts/evaluate/words.lua and the
--- study.
local kit = require "kit"

local reading = {}

--- The phones of a text by espeak-ng, without stress and length of pauses. Texts are asked once.
local phones_of = {}
local function phones(text, voice)
  local known = phones_of[voice .. "\0" .. text]
  if known then return known end
  local shell = require "studio.shell"
  local spoken = shell.output(
    ("espeak-ng -q -v %s --ipa --sep=_ -- %s"):format(shell.quoted(voice), shell.quoted(text)))
  local list = {}
  -- Stress marks and joiners belong to no phone.
  for phone in spoken:gsub("\u{2C8}", ""):gsub("\u{2CC}", ""):gsub("\u{200D}", ""):gmatch "[^_%s]+" do
    list[#list + 1] = phone
  end
  if #list == 0 then error(("espeak-ng gives no phones for %q in the voice %s"):format(text, voice), 0) end
  phones_of[voice .. "\0" .. text] = list
  return list
end

--- The symbols of a text: words in lower case without punctuation, their letters with | between words, or phones. With
--- `keywords`, only those words.
function reading.symbols(text, unit, voice, keywords)
  if unit == "phones" then return phones(text, voice) end
  local list = {}
  for word in text:lower():gsub("[^%w'\128-\255]+", " "):gmatch "%S+" do
    if not keywords or keywords[word] then
      if unit == "letters" then
        if #list > 0 then list[#list + 1] = "|" end
        for _, code in utf8.codes(word) do list[#list + 1] = utf8.char(code) end
      else
        list[#list + 1] = word
      end
    end
  end
  return list
end

--- The ids of the items to train on and to test, and the symbols by id. Items without symbols are left out. A film is
--- on one side; without stated splits, a share of the films is tested.
local function divide(settings)
  local symbols, kept, films, seen, has_split = {}, {}, {}, {}, false
  for _, item in ipairs(settings.transcripts) do
    local list = reading.symbols(item.text, settings.unit, settings.voice or "en-us", settings.keywords)
    if #list > 0 then
      symbols[item.id], kept[#kept + 1] = list, item
      has_split = has_split or item.split ~= nil
      if not seen[item.film] then
        seen[item.film], films[#films + 1] = true, item.film
      end
    end
  end
  local total = #settings.transcripts
  if #kept == 0 then
    local words = {}
    for word in pairs(settings.keywords or {}) do words[#words + 1] = word end
    error(#words == 0 and "none of the transcripts has a symbol to read"
      or ("none of the transcripts has one of the keywords (%s)"):format(table.concat(words, ", ")), 0)
  end
  if #kept < total and not settings.keywords then
    print(("left out: %d of %d transcripts without symbols to read"):format(total - #kept, total))
  end
  if not has_split and #films < 3 then
    error(("three films or more are needed, to train on, to choose by and to test; given %d"):format(#films), 0)
  end
  table.sort(films)
  local is_tested = {}
  local order = kit.random({ seed = settings.seed }):derived("words"):permutation(#films)
  local count = math.min(#films - 2, math.max(1, math.floor(#films * (settings.held_out or 0.25))))
  for n = 1, count do is_tested[films[order[n]]] = true end
  local train, test = {}, {}
  for _, item in ipairs(kept) do
    local tested
    if has_split then tested = item.split == "held_out" else tested = is_tested[item.film] end
    local side = tested and test or train
    side[#side + 1] = item.id
  end
  for name, side in pairs { train = train, held_out = test } do
    if #side == 0 then error(("no item with symbols to read has the split '%s'"):format(name), 0) end
  end
  return train, test, symbols
end

--- Outputs for each frame so that every transcript fits with a blank after each symbol.
local function expansion(features, symbols)
  local most = 1
  for id, list in pairs(symbols) do
    most = math.max(most, math.ceil((2 * #list + 1) / features:frames(id):shape()[1]))
  end
  return most
end

--- Trains a head with CTC on frozen frames and returns the report of kit.evaluate.transcription.
---
---   data, transcripts   the sounds, and their texts from kit.dataset.transcripts
---   run, encoders       as in kit.embed
---   tracks              languages to read
---   layer               module whose frames are read; nil takes the last map
---   unit                "words", "letters" or "phones"
---   keywords            a set of the only words to read; nil for all
---   head, expand        of kit.evaluate.transcription; 0 chooses the smallest `expand` that fits
function reading.read(settings)
  local train, test, symbols = divide(settings)
  local features = kit.embed {
    data = settings.data, run = settings.run, encoders = settings.encoders, views = { "audio" },
    tracks = settings.tracks, layer = settings.layer, frames = "time", batch = 32, workers = 1,
    precision = settings.precision,
  }
  local set = features.audio
  local expand = settings.expand or 0
  if expand == 0 then expand = expansion(set, symbols) end
  return kit.evaluate.transcription({
    features = set, transcripts = symbols, train = train, test = test, head = settings.head, hidden = settings.hidden,
    expand = expand, epochs = settings.epochs, patience = settings.patience, seed = settings.seed,
    metric = settings.unit == "phones" and kit.metric.phone_error_rate {} or kit.metric.word_error_rate {},
  }):run()
end

return reading
