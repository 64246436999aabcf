--- Speech by espeak-ng: the original follows its manner, and each dub is fitted into the original's time.

local kit = require "kit"
local shell = require "studio.shell"
local sound = require "studio.sound"

local speech = {}

--- Folder for spoken sentences, so that they need not be spoken again; nil keeps nothing.
speech.kept_in = nil

--- Seconds to wait before espeak-ng is tried again; longer each time.
speech.pause = 1

--- On a loaded machine espeak-ng now and then dies while it starts.
local attempts = 5

local function speak(text, voice, style, path)
  local marked = ('<prosody range="%d%%">%s</prosody>'):format(style.range * 2, text)
  local how, number
  for attempt = 1, attempts do
    local ok
    ok, how, number =
      shell.run("espeak-ng", "-m", "-v", voice, "-s", style.rate, "-p", style.pitch, "-w", path, marked)
    if ok then return end
    os.remove(path)
    if how == "exit" and number == 127 then error("espeak-ng is not installed: apt-get install espeak-ng") end
    if attempt < attempts then shell.run("sleep", speech.pause * attempt) end
  end
  error(
    ("espeak-ng could not speak %q as %s: %s %d, the last of %d attempts"):format(text, voice, how, number, attempts))
end

--- A file name made of the text, voice and style: letters and digits unchanged, other bytes in hexadecimal.
local function file_name(text, voice, style)
  local plain = ("%s %s %d %d %d"):format(text, voice, style.rate, style.pitch, style.range)
  return plain:gsub("[^%w]", function(byte) return byte == " " and "_" or ("%02x"):format(byte:byte()) end) .. ".wav"
end

local function mono(path)
  return kit.media.read_audio({ path = path, sample_rate = sound.rate }):slice(2, 1, 1)
end

--- One sentence as a mono sound. `style` has `rate` (words per minute), `pitch` and `range` (0 to 99).
function speech.say(text, voice, style)
  local kept = speech.kept_in and speech.kept_in .. "/" .. file_name(text, voice, style)
  local known = kept and io.open(kept)
  if known then
    known:close()
    return mono(kept)
  end
  -- espeak-ng cuts the names of files after 200 bytes.
  local temporary = os.tmpname()
  speak(text, voice, style, temporary)
  local spoken = mono(temporary)
  if kept then kit.copy_file { from = temporary, to = kept } end
  os.remove(temporary)
  return spoken
end

--- One sentence in these languages, of which the first is the original, all as long as that: mono sounds by language.
function speech.sentence(texts, speaker, manner, languages)
  local original = languages[1]
  local style = {
    rate = manner.rate,
    pitch = math.max(0, math.min(99, speaker.pitch + manner.pitch)),
    range = manner.range,
  }
  local said = { [original] = speech.say(texts[original], speaker.voices[original], style) }
  local length = said[original]:shape()[1]
  for n = 2, #languages do
    local language = languages[n]
    local voice = speaker.voices[language]
    local first = speech.say(texts[language], voice, style)
    local rate = manner.rate * first:shape()[1] / length
    local fitted = { rate = math.max(90, math.min(400, math.floor(rate))), pitch = style.pitch, range = style.range }
    local dub = speech.say(texts[language], voice, fitted)
    dub = dub:slice(1, 1, math.min(length, dub:shape()[1]))
    said[language] = sound.place(dub, 0, length / sound.rate)
  end
  return said
end

return speech
